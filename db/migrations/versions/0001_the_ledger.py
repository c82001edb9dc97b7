"""the ledger

Revision ID: 0001
Revises:

One step, named, reversible or saying why not. Constraints are named by convention. Triggers are not
written here: db.triggers puts them back after every upgrade.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", db.types.UtcDateTime(), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("why", sa.String(length=4000), nullable=False),
        sa.Column("tool", sa.String(length=500), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_change_set_id_positive")),
        sa.CheckConstraint("length(tool) <= 500", name=op.f("ck_change_set_tool_length")),
        sa.CheckConstraint("length(trim(who)) >= 1 AND length(who) <= 100", name=op.f("ck_change_set_who_length")),
        sa.CheckConstraint("length(trim(why)) >= 1 AND length(why) <= 4000", name=op.f("ck_change_set_why_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_set")),
    )
    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("wkb", sa.LargeBinary(), nullable=False),
        sa.Column("west", sa.Float(), nullable=False),
        sa.Column("south", sa.Float(), nullable=False),
        sa.Column("east", sa.Float(), nullable=False),
        sa.Column("north", sa.Float(), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_area_id_positive")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_area_sha256_length")),
        sa.CheckConstraint(
            "west >= -180 AND west <= east AND east <= 180 AND south >= -90 AND south <= north AND north <= 90",
            name=op.f("ck_area_box_order"),
        ),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_area_change_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("sha256", name=op.f("uq_area_sha256")),
    )
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_area_change_set_id"), ["change_set_id"], unique=False)

    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=100), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("old", sa.String(length=100000), nullable=False),
        sa.Column("new", sa.String(length=100000), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_change_id_positive")),
        sa.CheckConstraint("length(table_name) <= 100", name=op.f("ck_change_table_name_length")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_change_change_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index("ix_change_table_name_row_id", ["table_name", "row_id"], unique=False)

    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("file_format", sa.String(length=100), nullable=False),
        sa.Column("file_name", sa.String(length=500), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("started_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("finished_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_added", sa.Integer(), nullable=False),
        sa.Column("rows_unchanged", sa.Integer(), nullable=False),
        sa.Column("rows_superseded", sa.Integer(), nullable=False),
        sa.Column("rows_flagged", sa.Integer(), nullable=False),
        sa.Column("rows_rejected", sa.Integer(), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_import_run_id_positive")),
        sa.CheckConstraint("length(file_format) <= 100", name=op.f("ck_import_run_file_format_length")),
        sa.CheckConstraint("length(sha256) <= 64", name=op.f("ck_import_run_sha256_length")),
        sa.CheckConstraint(
            "length(trim(file_name)) >= 1 AND length(file_name) <= 500", name=op.f("ck_import_run_file_name_length")
        ),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_import_run_change_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_run_change_set_id"), ["change_set_id"], unique=False)

    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "airstrike",
                "shelling",
                "ground_attack",
                "explosion",
                "execution",
                "state_based_violence",
                "non_state_violence",
                "one_sided_violence",
                "other",
                "unknown",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("start_utc", db.types.UtcDateTime(), nullable=True),
        sa.Column("end_utc", db.types.UtcDateTime(), nullable=True),
        sa.Column("tz", sa.String(length=100), nullable=True),
        sa.Column(
            "time_precision",
            sa.Enum(
                "second",
                "minute",
                "hour",
                "part_of_day",
                "day",
                "days",
                "week",
                "month",
                "year",
                name="time_precision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "window_kind",
            sa.Enum(
                "moment_in_window", "duration", name="window_kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column(
            "part_of_day",
            sa.Enum(
                "after_midnight",
                "during_the_night",
                "around_dawn",
                "morning",
                "around_midday",
                "during_the_day",
                "afternoon",
                "around_dusk",
                "evening",
                "around_midnight",
                name="part_of_day",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("edtf", sa.String(length=100), nullable=True),
        sa.Column("time_words", sa.String(length=500), nullable=True),
        sa.Column(
            "civilian_harm_reported",
            sa.Enum(
                "yes",
                "no",
                "unknown",
                name="civilian_harm_reported",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default=sa.text("'unknown'"),
            nullable=False,
        ),
        sa.Column(
            "strike_status",
            sa.Enum(
                "declared",
                "likely",
                "contested",
                "single_source",
                name="strike_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "visibility",
            sa.Enum(
                "public",
                "restricted",
                "internal",
                name="visibility",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default=sa.text("'public'"),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column(
            "withdrawn",
            sa.Boolean(create_constraint=True, name="withdrawn_boolean"),
            server_default=sa.false(),
            nullable=False,
        ),
        sa.CheckConstraint("(start_utc IS NULL) = (end_utc IS NULL)", name=op.f("ck_incident_window_ends")),
        sa.CheckConstraint("id > 0", name=op.f("ck_incident_id_positive")),
        sa.CheckConstraint("length(country) <= 2", name=op.f("ck_incident_country_length")),
        sa.CheckConstraint("length(edtf) <= 100", name=op.f("ck_incident_edtf_length")),
        sa.CheckConstraint("length(note) <= 4000", name=op.f("ck_incident_note_length")),
        sa.CheckConstraint("length(time_words) <= 500", name=op.f("ck_incident_time_words_length")),
        sa.CheckConstraint("length(trim(code)) >= 1 AND length(code) <= 100", name=op.f("ck_incident_code_length")),
        sa.CheckConstraint("length(trim(name)) >= 1 AND length(name) <= 500", name=op.f("ck_incident_name_length")),
        sa.CheckConstraint("length(tz) <= 100", name=op.f("ck_incident_tz_length")),
        sa.CheckConstraint("start_utc <= end_utc", name=op.f("ck_incident_window_order")),
        sa.CheckConstraint(
            "start_utc IS NULL OR time_precision IS NOT NULL", name=op.f("ck_incident_window_precision")
        ),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_incident_change_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("code", name=op.f("uq_incident_code")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_country"), ["country"], unique=False)
        batch_op.create_index("ix_incident_window", ["start_utc", "end_utc"], unique=False)

    op.create_table(
        "open_change_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_open_change_set_singleton")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_open_change_set_change_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_change_set")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "casualty_monitor",
                "military",
                "government",
                "civil_defence_or_health",
                "un_body",
                "ngo_investigator",
                "local_media",
                "international_media",
                "social_media",
                "witness",
                "armed_group",
                "coalition",
                "unknown",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("independence_group", sa.String(length=100), nullable=True),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.CheckConstraint("id > 0", name=op.f("ck_organisation_id_positive")),
        sa.CheckConstraint("length(independence_group) <= 100", name=op.f("ck_organisation_independence_group_length")),
        sa.CheckConstraint("length(note) <= 4000", name=op.f("ck_organisation_note_length")),
        sa.CheckConstraint("length(trim(code)) >= 1 AND length(code) <= 100", name=op.f("ck_organisation_code_length")),
        sa.CheckConstraint("length(trim(name)) >= 1 AND length(name) <= 500", name=op.f("ck_organisation_name_length")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_organisation_change_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_change_set_id"), ["change_set_id"], unique=False)

    op.create_table(
        "import_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("import_run_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("flagged", "rejected", name="verdict", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("raw", sa.String(length=100000), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_import_row_id_positive")),
        sa.CheckConstraint("length(message) <= 500", name=op.f("ck_import_row_message_length")),
        sa.CheckConstraint("length(raw) <= 100000", name=op.f("ck_import_row_raw_length")),
        sa.CheckConstraint("length(reason) <= 100", name=op.f("ck_import_row_reason_length")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_import_row_change_set_id")),
        sa.ForeignKeyConstraint(["import_run_id"], ["import_run.id"], name=op.f("fk_import_row_import_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
    )
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_row_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_row_import_run_id"), ["import_run_id"], unique=False)

    op.create_table(
        "incident_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column(
            "former",
            sa.Boolean(create_constraint=True, name="former_boolean"),
            server_default=sa.false(),
            nullable=False,
        ),
        sa.CheckConstraint("id > 0", name=op.f("ck_incident_code_id_positive")),
        sa.CheckConstraint(
            "length(trim(code)) >= 1 AND length(code) <= 100", name=op.f("ck_incident_code_code_length")
        ),
        sa.CheckConstraint(
            "length(trim(scheme)) >= 1 AND length(scheme) <= 100", name=op.f("ck_incident_code_scheme_length")
        ),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_incident_code_change_set_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_code_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_code")),
        sa.UniqueConstraint("scheme", "code", "incident_id", name=op.f("uq_incident_code_scheme_code_incident_id")),
    )
    with op.batch_alter_table("incident_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_code_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_code_code"), ["code"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_code_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "incident_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("folded", sa.String(length=500), nullable=False),
        sa.Column("language", sa.String(length=100), nullable=True),
        sa.Column("script", sa.String(length=4), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_incident_name_id_positive")),
        sa.CheckConstraint("length(language) <= 100", name=op.f("ck_incident_name_language_length")),
        sa.CheckConstraint("length(script) <= 4", name=op.f("ck_incident_name_script_length")),
        sa.CheckConstraint(
            "length(trim(name)) >= 1 AND length(name) <= 500", name=op.f("ck_incident_name_name_length")
        ),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_incident_name_change_set_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_name_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_name")),
        sa.UniqueConstraint("incident_id", "name", name=op.f("uq_incident_name_incident_id_name")),
    )
    with op.batch_alter_table("incident_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_name_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_name_folded"), ["folded"], unique=False)

    op.create_table(
        "investigation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column(
            "process",
            sa.Enum(
                "initial_review",
                "credibility_assessment",
                "command_investigation",
                "host_government_inquiry",
                "un_commission",
                "ngo_investigation",
                "court",
                name="process",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("id > 0", name=op.f("ck_investigation_id_positive")),
        sa.ForeignKeyConstraint(["authority_id"], ["organisation.id"], name=op.f("fk_investigation_authority_id")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_investigation_change_set_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_investigation_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_investigation")),
        sa.UniqueConstraint(
            "incident_id", "authority_id", "process", name=op.f("uq_investigation_incident_id_authority_id_process")
        ),
    )
    with op.batch_alter_table("investigation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_investigation_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_investigation_change_set_id"), ["change_set_id"], unique=False)

    op.create_table(
        "judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("low_id", sa.Integer(), nullable=False),
        sa.Column("high_id", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "same",
                "different",
                "unsure",
                "undecided",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("evidence", sa.String(length=4000), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_judgement_id_positive")),
        sa.CheckConstraint(
            "length(trim(evidence)) >= 1 AND length(evidence) <= 4000", name=op.f("ck_judgement_evidence_length")
        ),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_judgement_pair_order")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_judgement_change_set_id")),
        sa.ForeignKeyConstraint(["high_id"], ["incident.id"], name=op.f("fk_judgement_high_id")),
        sa.ForeignKeyConstraint(["low_id"], ["incident.id"], name=op.f("fk_judgement_low_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
    )
    with op.batch_alter_table("judgement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_judgement_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_judgement_high_id"), ["high_id"], unique=False)
        batch_op.create_index("ix_judgement_pair", ["low_id", "high_id", "id"], unique=False)

    op.create_table(
        "organisation_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("folded", sa.String(length=500), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_organisation_alias_id_positive")),
        sa.CheckConstraint(
            "length(trim(name)) >= 1 AND length(name) <= 500", name=op.f("ck_organisation_alias_name_length")
        ),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_organisation_alias_change_set_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_alias_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_alias")),
        sa.UniqueConstraint("folded", name=op.f("uq_organisation_alias_folded")),
    )
    with op.batch_alter_table("organisation_alias", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_alias_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_alias_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "organisation_membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("member", "part", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.CheckConstraint("id > 0", name=op.f("ck_organisation_membership_id_positive")),
        sa.CheckConstraint("member_id <> group_id", name=op.f("ck_organisation_membership_not_itself")),
        sa.CheckConstraint("start_date <= end_date", name=op.f("ck_organisation_membership_date_order")),
        sa.ForeignKeyConstraint(
            ["change_set_id"], ["change_set.id"], name=op.f("fk_organisation_membership_change_set_id")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["organisation.id"], name=op.f("fk_organisation_membership_group_id")),
        sa.ForeignKeyConstraint(["member_id"], ["organisation.id"], name=op.f("fk_organisation_membership_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_membership")),
        sa.UniqueConstraint("member_id", "group_id", name=op.f("uq_organisation_membership_member_id_group_id")),
    )
    with op.batch_alter_table("organisation_membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_membership_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_membership_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_membership_member_id"), ["member_id"], unique=False)

    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("source_key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "country",
                "adm1",
                "adm2",
                "adm3",
                "settlement",
                "neighbourhood",
                "landmark",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("feature_code", sa.String(length=100), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("admin1", sa.String(length=100), nullable=True),
        sa.Column("admin1_name", sa.String(length=500), nullable=True),
        sa.Column("admin2", sa.String(length=100), nullable=True),
        sa.Column("admin2_name", sa.String(length=500), nullable=True),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("radius_m", sa.Float(), nullable=True),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("licence", sa.String(length=500), nullable=True),
        sa.CheckConstraint("id > 0", name=op.f("ck_place_id_positive")),
        sa.CheckConstraint("lat BETWEEN -90 AND 90", name=op.f("ck_place_lat_range")),
        sa.CheckConstraint("length(admin1) <= 100", name=op.f("ck_place_admin1_length")),
        sa.CheckConstraint("length(admin1_name) <= 500", name=op.f("ck_place_admin1_name_length")),
        sa.CheckConstraint("length(admin2) <= 100", name=op.f("ck_place_admin2_length")),
        sa.CheckConstraint("length(admin2_name) <= 500", name=op.f("ck_place_admin2_name_length")),
        sa.CheckConstraint("length(country) <= 2", name=op.f("ck_place_country_length")),
        sa.CheckConstraint("length(feature_code) <= 100", name=op.f("ck_place_feature_code_length")),
        sa.CheckConstraint("length(licence) <= 500", name=op.f("ck_place_licence_length")),
        sa.CheckConstraint("length(source) <= 100", name=op.f("ck_place_source_length")),
        sa.CheckConstraint("length(source_key) <= 100", name=op.f("ck_place_source_key_length")),
        sa.CheckConstraint("length(trim(name)) >= 1 AND length(name) <= 500", name=op.f("ck_place_name_length")),
        sa.CheckConstraint("lon BETWEEN -180 AND 180", name=op.f("ck_place_lon_range")),
        sa.CheckConstraint(
            "population >= 0 AND population = CAST(population AS INTEGER)", name=op.f("ck_place_population_count")
        ),
        sa.CheckConstraint("radius_m IS NULL OR radius_m BETWEEN 0 AND 21000000", name=op.f("ck_place_radius_m_range")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_place_area_id")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_place_change_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_place_source_source_key")),
    )
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_place_country"), ["country"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("publisher_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("url", sa.String(length=4000), nullable=True),
        sa.Column("archive_url", sa.String(length=4000), nullable=True),
        sa.Column("published", sa.String(length=100), nullable=True),
        sa.Column("published_start", db.types.UtcDateTime(), nullable=True),
        sa.Column("published_end", db.types.UtcDateTime(), nullable=True),
        sa.Column("retrieved_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("language", sa.String(length=100), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("licence", sa.String(length=500), nullable=True),
        sa.Column("citation", sa.String(length=4000), nullable=True),
        sa.Column(
            "may_export",
            sa.Boolean(create_constraint=True, name="may_export_boolean"),
            server_default=sa.true(),
            nullable=False,
        ),
        sa.Column(
            "visibility",
            sa.Enum(
                "public",
                "restricted",
                "internal",
                name="visibility",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default=sa.text("'public'"),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.CheckConstraint("id > 0", name=op.f("ck_report_id_positive")),
        sa.CheckConstraint("length(archive_url) <= 4000", name=op.f("ck_report_archive_url_length")),
        sa.CheckConstraint("length(citation) <= 4000", name=op.f("ck_report_citation_length")),
        sa.CheckConstraint("length(language) <= 100", name=op.f("ck_report_language_length")),
        sa.CheckConstraint("length(licence) <= 500", name=op.f("ck_report_licence_length")),
        sa.CheckConstraint("length(note) <= 4000", name=op.f("ck_report_note_length")),
        sa.CheckConstraint("length(published) <= 100", name=op.f("ck_report_published_length")),
        sa.CheckConstraint("length(trim(code)) >= 1 AND length(code) <= 100", name=op.f("ck_report_code_length")),
        sa.CheckConstraint("length(trim(title)) >= 1 AND length(title) <= 500", name=op.f("ck_report_title_length")),
        sa.CheckConstraint("length(url) <= 4000", name=op.f("ck_report_url_length")),
        sa.CheckConstraint("published_start <= published_end", name=op.f("ck_report_published_order")),
        sa.CheckConstraint("sha256 IS NULL OR length(sha256) = 64", name=op.f("ck_report_sha256_length")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_report_change_set_id")),
        sa.ForeignKeyConstraint(["publisher_id"], ["organisation.id"], name=op.f("fk_report_publisher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("code", name=op.f("uq_report_code")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_publisher_id"), ["publisher_id"], unique=False)

    op.create_table(
        "attribution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "perpetrator",
                "target",
                "partner",
                "side",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "strength",
            sa.Enum(
                "declared",
                "confirmed",
                "likely",
                "alleged",
                "disputed",
                "denied",
                "unattributed",
                name="strength",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("stated", sa.String(length=100), nullable=True),
        sa.Column("stated_start", db.types.UtcDateTime(), nullable=True),
        sa.Column("stated_end", db.types.UtcDateTime(), nullable=True),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column(
            "withdrawn",
            sa.Boolean(create_constraint=True, name="withdrawn_boolean"),
            server_default=sa.false(),
            nullable=False,
        ),
        sa.CheckConstraint("id > 0", name=op.f("ck_attribution_id_positive")),
        sa.CheckConstraint("length(note) <= 4000", name=op.f("ck_attribution_note_length")),
        sa.CheckConstraint("length(stated) <= 100", name=op.f("ck_attribution_stated_length")),
        sa.CheckConstraint("stated_start <= stated_end", name=op.f("ck_attribution_stated_order")),
        sa.ForeignKeyConstraint(["by_id"], ["organisation.id"], name=op.f("fk_attribution_by_id")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_attribution_change_set_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_attribution_incident_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_attribution_organisation_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_attribution_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution")),
    )
    with op.batch_alter_table("attribution", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attribution_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attribution_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attribution_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attribution_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attribution_report_id"), ["report_id"], unique=False)

    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "killed",
                "injured",
                "missing",
                "detained",
                "displaced",
                "casualties",
                "incidents",
                "massacres",
                "attacks_on_facilities",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "category",
            sa.Enum(
                "total_people",
                "civilian",
                "child",
                "woman",
                "man",
                "combatant",
                "undetermined_status",
                "event",
                "bridge",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "bound",
            sa.Enum(
                "exact",
                "at_least",
                "more_than",
                "at_most",
                "less_than",
                "around",
                "almost",
                "between",
                "unquantified",
                "none_denied",
                "unknown",
                name="bound",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("minimum", sa.Integer(), nullable=True),
        sa.Column("maximum", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=500), nullable=True),
        sa.Column(
            "scope",
            sa.Enum(
                "incident", "incident_set", "period", name="scope", native_enum=False, create_constraint=True, length=40
            ),
            server_default=sa.text("'incident'"),
            nullable=False,
        ),
        sa.Column("area", sa.String(length=500), nullable=True),
        sa.Column("period", sa.String(length=100), nullable=True),
        sa.Column("period_start", db.types.UtcDateTime(), nullable=True),
        sa.Column("period_end", db.types.UtcDateTime(), nullable=True),
        sa.Column("period_words", sa.String(length=500), nullable=True),
        sa.Column("stated", sa.String(length=100), nullable=True),
        sa.Column("stated_start", db.types.UtcDateTime(), nullable=True),
        sa.Column("stated_end", db.types.UtcDateTime(), nullable=True),
        sa.Column("as_of", sa.String(length=100), nullable=True),
        sa.Column("as_of_start", db.types.UtcDateTime(), nullable=True),
        sa.Column("as_of_end", db.types.UtcDateTime(), nullable=True),
        sa.Column("perpetrator_id", sa.Integer(), nullable=True),
        sa.Column(
            "strength",
            sa.Enum(
                "declared",
                "confirmed",
                "likely",
                "alleged",
                "disputed",
                "denied",
                "unattributed",
                name="strength",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("side_id", sa.Integer(), nullable=True),
        sa.Column("subset_of_id", sa.Integer(), nullable=True),
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        sa.Column("locator", sa.String(length=500), nullable=True),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column(
            "withdrawn",
            sa.Boolean(create_constraint=True, name="withdrawn_boolean"),
            server_default=sa.false(),
            nullable=False,
        ),
        sa.Column("withdrawn_on", db.types.UtcDateTime(), nullable=True),
        sa.Column("withdrawn_why", sa.String(length=4000), nullable=True),
        sa.CheckConstraint(
            "(scope = 'incident') = (incident_id IS NOT NULL)", name=op.f("ck_claim_scope_and_incident")
        ),
        sa.CheckConstraint(
            "CASE bound\n WHEN 'exact' THEN minimum IS NOT NULL AND maximum IS NOT NULL AND minimum = maximum\n WHEN 'at_least' THEN minimum IS NOT NULL AND maximum IS NULL\n WHEN 'more_than' THEN minimum IS NOT NULL AND maximum IS NULL\n WHEN 'at_most' THEN minimum IS NULL AND maximum IS NOT NULL\n WHEN 'less_than' THEN minimum IS NULL AND maximum IS NOT NULL\n WHEN 'almost' THEN minimum IS NULL AND maximum IS NOT NULL\n WHEN 'around' THEN minimum IS NOT NULL AND maximum IS NOT NULL\n WHEN 'between' THEN minimum IS NOT NULL AND maximum IS NOT NULL\n WHEN 'none_denied' THEN minimum IS NOT NULL AND maximum IS NOT NULL AND minimum = 0 AND maximum = 0\n ELSE minimum IS NULL AND maximum IS NULL END",
            name=op.f("ck_claim_bound_and_figures"),
        ),
        sa.CheckConstraint("as_of_start <= as_of_end", name=op.f("ck_claim_as_of_order")),
        sa.CheckConstraint("id > 0", name=op.f("ck_claim_id_positive")),
        sa.CheckConstraint("length(area) <= 500", name=op.f("ck_claim_area_length")),
        sa.CheckConstraint("length(as_of) <= 100", name=op.f("ck_claim_as_of_length")),
        sa.CheckConstraint("length(locator) <= 500", name=op.f("ck_claim_locator_length")),
        sa.CheckConstraint("length(note) <= 4000", name=op.f("ck_claim_note_length")),
        sa.CheckConstraint("length(period) <= 100", name=op.f("ck_claim_period_length")),
        sa.CheckConstraint("length(period_words) <= 500", name=op.f("ck_claim_period_words_length")),
        sa.CheckConstraint("length(stated) <= 100", name=op.f("ck_claim_stated_length")),
        sa.CheckConstraint("length(trim(code)) >= 1 AND length(code) <= 100", name=op.f("ck_claim_code_length")),
        sa.CheckConstraint("length(withdrawn_why) <= 4000", name=op.f("ck_claim_withdrawn_why_length")),
        sa.CheckConstraint("length(words) <= 500", name=op.f("ck_claim_words_length")),
        sa.CheckConstraint("maximum >= 0 AND maximum = CAST(maximum AS INTEGER)", name=op.f("ck_claim_maximum_count")),
        sa.CheckConstraint("minimum <= maximum", name=op.f("ck_claim_figure_order")),
        sa.CheckConstraint("minimum >= 0 AND minimum = CAST(minimum AS INTEGER)", name=op.f("ck_claim_minimum_count")),
        sa.CheckConstraint("period_start <= period_end", name=op.f("ck_claim_period_order")),
        sa.CheckConstraint("stated_start <= stated_end", name=op.f("ck_claim_stated_order")),
        sa.CheckConstraint("subset_of_id <> id AND supersedes_id <> id", name=op.f("ck_claim_not_itself")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_claim_change_set_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_claim_incident_id")),
        sa.ForeignKeyConstraint(["perpetrator_id"], ["organisation.id"], name=op.f("fk_claim_perpetrator_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_claim_report_id")),
        sa.ForeignKeyConstraint(["side_id"], ["organisation.id"], name=op.f("fk_claim_side_id")),
        sa.ForeignKeyConstraint(["source_id"], ["organisation.id"], name=op.f("fk_claim_source_id")),
        sa.ForeignKeyConstraint(["subset_of_id"], ["claim.id"], name=op.f("fk_claim_subset_of_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["claim.id"], name=op.f("fk_claim_supersedes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("code", name=op.f("uq_claim_code")),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_perpetrator_id"), ["perpetrator_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_report_id"), ["report_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_subset_of_id"), ["subset_of_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_supersedes_id"), ["supersedes_id"], unique=False)

    op.create_table(
        "grading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column(
            "grading",
            sa.Enum(
                "confirmed",
                "fair",
                "weak",
                "contested",
                "discounted",
                "ungraded",
                name="grading",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("graded", sa.String(length=100), nullable=True),
        sa.Column("graded_start", db.types.UtcDateTime(), nullable=True),
        sa.Column("graded_end", db.types.UtcDateTime(), nullable=True),
        sa.Column("why", sa.String(length=4000), nullable=False),
        sa.CheckConstraint("graded_start <= graded_end", name=op.f("ck_grading_graded_order")),
        sa.CheckConstraint("id > 0", name=op.f("ck_grading_id_positive")),
        sa.CheckConstraint("length(graded) <= 100", name=op.f("ck_grading_graded_length")),
        sa.CheckConstraint("length(why) <= 4000", name=op.f("ck_grading_why_length")),
        sa.ForeignKeyConstraint(["by_id"], ["organisation.id"], name=op.f("fk_grading_by_id")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_grading_change_set_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_grading_incident_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_grading_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grading")),
    )
    with op.batch_alter_table("grading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grading_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grading_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grading_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grading_report_id"), ["report_id"], unique=False)

    op.create_table(
        "incident_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_incident_report_id_positive")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_incident_report_change_set_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_report_incident_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_incident_report_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_report")),
        sa.UniqueConstraint("incident_id", "report_id", name=op.f("uq_incident_report_incident_id_report_id")),
    )
    with op.batch_alter_table("incident_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_report_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_report_report_id"), ["report_id"], unique=False)

    op.create_table(
        "investigation_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("investigation_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "received",
                "opened",
                "concluded",
                "reopened",
                "corrected",
                "withdrawn",
                "superseded",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "not_assessed",
                "reported",
                "open",
                "credible",
                "non_credible",
                "duplicate",
                "inconclusive",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("taken", sa.String(length=100), nullable=False),
        sa.Column("taken_start", db.types.UtcDateTime(), nullable=False),
        sa.Column("taken_end", db.types.UtcDateTime(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "no_strikes_in_area",
                "insufficient_information",
                "insufficient_evidence",
                "new_evidence",
                "self_report",
                "entered_target_area",
                "strike_blast",
                "secondary_explosion",
                "unseen_at_engagement",
                "inside_target_vehicle",
                "none_given",
                "other",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default=sa.text("'none_given'"),
            nullable=False,
        ),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=4000), nullable=False),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column("duplicate_of", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "(kind = 'corrected') = (corrects_id IS NOT NULL)", name=op.f("ck_investigation_step_correction_names_step")
        ),
        sa.CheckConstraint("id > 0", name=op.f("ck_investigation_step_id_positive")),
        sa.CheckConstraint("length(duplicate_of) <= 500", name=op.f("ck_investigation_step_duplicate_of_length")),
        sa.CheckConstraint("length(note) <= 4000", name=op.f("ck_investigation_step_note_length")),
        sa.CheckConstraint("length(taken) <= 100", name=op.f("ck_investigation_step_taken_length")),
        sa.CheckConstraint(
            "length(trim(why)) >= 1 AND length(why) <= 4000", name=op.f("ck_investigation_step_why_length")
        ),
        sa.CheckConstraint("taken_start <= taken_end", name=op.f("ck_investigation_step_taken_order")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_investigation_step_change_set_id")),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["investigation_step.id"], name=op.f("fk_investigation_step_corrects_id")
        ),
        sa.ForeignKeyConstraint(
            ["investigation_id"], ["investigation.id"], name=op.f("fk_investigation_step_investigation_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_investigation_step_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_investigation_step")),
    )
    with op.batch_alter_table("investigation_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_investigation_step_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index("ix_investigation_step_order", ["investigation_id", "taken_start", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_investigation_step_report_id"), ["report_id"], unique=False)

    op.create_table(
        "judgement_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("judgement_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_judgement_report_id_positive")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_judgement_report_change_set_id")),
        sa.ForeignKeyConstraint(["judgement_id"], ["judgement.id"], name=op.f("fk_judgement_report_judgement_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_judgement_report_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement_report")),
        sa.UniqueConstraint("judgement_id", "report_id", name=op.f("uq_judgement_report_judgement_id_report_id")),
    )
    with op.batch_alter_table("judgement_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_judgement_report_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_judgement_report_report_id"), ["report_id"], unique=False)

    op.create_table(
        "location",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("radius_m", sa.Float(), nullable=True),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column(
            "precision",
            sa.Enum(
                "exact",
                "within_100m",
                "landmark",
                "street",
                "neighbourhood",
                "settlement",
                "near_settlement",
                "adm3",
                "adm2",
                "adm1",
                "region",
                "country",
                "water",
                "unknown",
                name="precision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "method",
            sa.Enum(
                "source_coordinates",
                "mgrs",
                "geolocated",
                "gazetteer",
                "centroid",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "is_primary",
            sa.Boolean(create_constraint=True, name="is_primary_boolean"),
            server_default=sa.false(),
            nullable=False,
        ),
        sa.Column("place_name", sa.String(length=500), nullable=True),
        sa.Column("place_words", sa.String(length=500), nullable=True),
        sa.Column("source_code", sa.String(length=100), nullable=True),
        sa.Column(
            "geoprivacy",
            sa.Enum(
                "exact",
                "reduced",
                "adm_only",
                "hidden",
                name="geoprivacy",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default=sa.text("'exact'"),
            nullable=False,
        ),
        sa.Column("public_lon", sa.Float(), nullable=True),
        sa.Column("public_lat", sa.Float(), nullable=True),
        sa.Column("public_radius_m", sa.Float(), nullable=True),
        sa.Column("public_area_id", sa.Integer(), nullable=True),
        sa.Column("west", sa.Float(), nullable=True),
        sa.Column("south", sa.Float(), nullable=True),
        sa.Column("east", sa.Float(), nullable=True),
        sa.Column("north", sa.Float(), nullable=True),
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=4000), nullable=True),
        sa.Column(
            "withdrawn",
            sa.Boolean(create_constraint=True, name="withdrawn_boolean"),
            server_default=sa.false(),
            nullable=False,
        ),
        sa.CheckConstraint("(precision = 'unknown') = (lon IS NULL)", name=op.f("ck_location_located")),
        sa.CheckConstraint("(lon IS NULL) = (lat IS NULL)", name=op.f("ck_location_point_whole")),
        sa.CheckConstraint(
            "(lon IS NULL) = (west IS NULL) AND (lon IS NULL) = (south IS NULL) AND (lon IS NULL) = (east IS NULL) AND (lon IS NULL) = (north IS NULL)",
            name=op.f("ck_location_box_present"),
        ),
        sa.CheckConstraint("(public_lon IS NULL) = (public_lat IS NULL)", name=op.f("ck_location_public_point_whole")),
        sa.CheckConstraint("id > 0", name=op.f("ck_location_id_positive")),
        sa.CheckConstraint("lat IS NULL OR lat BETWEEN -90 AND 90", name=op.f("ck_location_lat_range")),
        sa.CheckConstraint("length(note) <= 4000", name=op.f("ck_location_note_length")),
        sa.CheckConstraint("length(place_name) <= 500", name=op.f("ck_location_place_name_length")),
        sa.CheckConstraint("length(place_words) <= 500", name=op.f("ck_location_place_words_length")),
        sa.CheckConstraint("length(source_code) <= 100", name=op.f("ck_location_source_code_length")),
        sa.CheckConstraint("lon IS NULL OR lon BETWEEN -180 AND 180", name=op.f("ck_location_lon_range")),
        sa.CheckConstraint(
            "lon IS NULL OR radius_m IS NOT NULL OR area_id IS NOT NULL", name=op.f("ck_location_extent_known")
        ),
        sa.CheckConstraint(
            "public_lat IS NULL OR public_lat BETWEEN -90 AND 90", name=op.f("ck_location_public_lat_range")
        ),
        sa.CheckConstraint(
            "public_lon IS NULL OR public_lon BETWEEN -180 AND 180", name=op.f("ck_location_public_lon_range")
        ),
        sa.CheckConstraint(
            "public_radius_m IS NULL OR public_radius_m BETWEEN 0 AND 21000000",
            name=op.f("ck_location_public_radius_m_range"),
        ),
        sa.CheckConstraint(
            "radius_m IS NULL OR radius_m BETWEEN 0 AND 21000000", name=op.f("ck_location_radius_m_range")
        ),
        sa.CheckConstraint(
            "west >= -180 AND west <= east AND east <= 180 AND south >= -90 AND south <= north AND north <= 90",
            name=op.f("ck_location_box_order"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_location_area_id")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_location_change_set_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_location_incident_id")),
        sa.ForeignKeyConstraint(["public_area_id"], ["area.id"], name=op.f("fk_location_public_area_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_location_report_id")),
        sa.ForeignKeyConstraint(["source_id"], ["organisation.id"], name=op.f("fk_location_source_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["location.id"], name=op.f("fk_location_supersedes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
    )
    with op.batch_alter_table("location", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_location_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_location_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_location_report_id"), ["report_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_location_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_location_supersedes_id"), ["supersedes_id"], unique=False)

    op.create_table(
        "place_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("folded", sa.String(length=500), nullable=False),
        sa.Column("language", sa.String(length=100), nullable=True),
        sa.CheckConstraint("id > 0", name=op.f("ck_place_name_id_positive")),
        sa.CheckConstraint("length(language) <= 100", name=op.f("ck_place_name_language_length")),
        sa.CheckConstraint("length(trim(name)) >= 1 AND length(name) <= 500", name=op.f("ck_place_name_name_length")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_place_name_change_set_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_place_name_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_name")),
        sa.UniqueConstraint("place_id", "name", name=op.f("uq_place_name_place_id_name")),
    )
    with op.batch_alter_table("place_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_name_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_place_name_folded"), ["folded"], unique=False)

    op.create_table(
        "statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("stated", sa.String(length=100), nullable=True),
        sa.Column("stated_start", db.types.UtcDateTime(), nullable=True),
        sa.Column("stated_end", db.types.UtcDateTime(), nullable=True),
        sa.Column("words", sa.String(length=4000), nullable=False),
        sa.Column(
            "uncertain_target",
            sa.Boolean(create_constraint=True, name="uncertain_target_boolean"),
            server_default=sa.false(),
            nullable=False,
        ),
        sa.CheckConstraint("id > 0", name=op.f("ck_statement_id_positive")),
        sa.CheckConstraint("length(stated) <= 100", name=op.f("ck_statement_stated_length")),
        sa.CheckConstraint(
            "length(trim(words)) >= 1 AND length(words) <= 4000", name=op.f("ck_statement_words_length")
        ),
        sa.CheckConstraint("stated_start <= stated_end", name=op.f("ck_statement_stated_order")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_statement_change_set_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_statement_incident_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_statement_organisation_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_statement_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
    )
    with op.batch_alter_table("statement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_statement_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_statement_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_statement_report_id"), ["report_id"], unique=False)

    op.create_table(
        "claim_incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_claim_incident_id_positive")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_claim_incident_change_set_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_incident_claim_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_claim_incident_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_incident")),
        sa.UniqueConstraint("claim_id", "incident_id", name=op.f("uq_claim_incident_claim_id_incident_id")),
    )
    with op.batch_alter_table("claim_incident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_incident_change_set_id"), ["change_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_incident_incident_id"), ["incident_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("claim_incident", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_incident_incident_id"))
        batch_op.drop_index(batch_op.f("ix_claim_incident_change_set_id"))

    op.drop_table("claim_incident")
    with op.batch_alter_table("statement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_statement_report_id"))
        batch_op.drop_index(batch_op.f("ix_statement_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_statement_incident_id"))
        batch_op.drop_index(batch_op.f("ix_statement_change_set_id"))

    op.drop_table("statement")
    with op.batch_alter_table("place_name", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_place_name_folded"))
        batch_op.drop_index(batch_op.f("ix_place_name_change_set_id"))

    op.drop_table("place_name")
    with op.batch_alter_table("location", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_location_supersedes_id"))
        batch_op.drop_index(batch_op.f("ix_location_source_id"))
        batch_op.drop_index(batch_op.f("ix_location_report_id"))
        batch_op.drop_index(batch_op.f("ix_location_incident_id"))
        batch_op.drop_index(batch_op.f("ix_location_change_set_id"))

    op.drop_table("location")
    with op.batch_alter_table("judgement_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_judgement_report_report_id"))
        batch_op.drop_index(batch_op.f("ix_judgement_report_change_set_id"))

    op.drop_table("judgement_report")
    with op.batch_alter_table("investigation_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_investigation_step_report_id"))
        batch_op.drop_index("ix_investigation_step_order")
        batch_op.drop_index(batch_op.f("ix_investigation_step_change_set_id"))

    op.drop_table("investigation_step")
    with op.batch_alter_table("incident_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_report_report_id"))
        batch_op.drop_index(batch_op.f("ix_incident_report_change_set_id"))

    op.drop_table("incident_report")
    with op.batch_alter_table("grading", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grading_report_id"))
        batch_op.drop_index(batch_op.f("ix_grading_incident_id"))
        batch_op.drop_index(batch_op.f("ix_grading_change_set_id"))
        batch_op.drop_index(batch_op.f("ix_grading_by_id"))

    op.drop_table("grading")
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_supersedes_id"))
        batch_op.drop_index(batch_op.f("ix_claim_subset_of_id"))
        batch_op.drop_index(batch_op.f("ix_claim_source_id"))
        batch_op.drop_index(batch_op.f("ix_claim_report_id"))
        batch_op.drop_index(batch_op.f("ix_claim_perpetrator_id"))
        batch_op.drop_index(batch_op.f("ix_claim_incident_id"))
        batch_op.drop_index(batch_op.f("ix_claim_change_set_id"))

    op.drop_table("claim")
    with op.batch_alter_table("attribution", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attribution_report_id"))
        batch_op.drop_index(batch_op.f("ix_attribution_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_attribution_incident_id"))
        batch_op.drop_index(batch_op.f("ix_attribution_change_set_id"))
        batch_op.drop_index(batch_op.f("ix_attribution_by_id"))

    op.drop_table("attribution")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_publisher_id"))
        batch_op.drop_index(batch_op.f("ix_report_change_set_id"))

    op.drop_table("report")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_place_country"))
        batch_op.drop_index(batch_op.f("ix_place_change_set_id"))

    op.drop_table("place")
    with op.batch_alter_table("organisation_membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_membership_member_id"))
        batch_op.drop_index(batch_op.f("ix_organisation_membership_group_id"))
        batch_op.drop_index(batch_op.f("ix_organisation_membership_change_set_id"))

    op.drop_table("organisation_membership")
    with op.batch_alter_table("organisation_alias", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_alias_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_organisation_alias_change_set_id"))

    op.drop_table("organisation_alias")
    with op.batch_alter_table("judgement", schema=None) as batch_op:
        batch_op.drop_index("ix_judgement_pair")
        batch_op.drop_index(batch_op.f("ix_judgement_high_id"))
        batch_op.drop_index(batch_op.f("ix_judgement_change_set_id"))

    op.drop_table("judgement")
    with op.batch_alter_table("investigation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_investigation_change_set_id"))
        batch_op.drop_index(batch_op.f("ix_investigation_authority_id"))

    op.drop_table("investigation")
    with op.batch_alter_table("incident_name", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_name_folded"))
        batch_op.drop_index(batch_op.f("ix_incident_name_change_set_id"))

    op.drop_table("incident_name")
    with op.batch_alter_table("incident_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_code_incident_id"))
        batch_op.drop_index(batch_op.f("ix_incident_code_code"))
        batch_op.drop_index(batch_op.f("ix_incident_code_change_set_id"))

    op.drop_table("incident_code")
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_row_import_run_id"))
        batch_op.drop_index(batch_op.f("ix_import_row_change_set_id"))

    op.drop_table("import_row")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_change_set_id"))

    op.drop_table("organisation")
    op.drop_table("open_change_set")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index("ix_incident_window")
        batch_op.drop_index(batch_op.f("ix_incident_country"))
        batch_op.drop_index(batch_op.f("ix_incident_change_set_id"))

    op.drop_table("incident")
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_run_change_set_id"))

    op.drop_table("import_run")
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.drop_index("ix_change_table_name_row_id")
        batch_op.drop_index(batch_op.f("ix_change_change_set_id"))

    op.drop_table("change")
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_area_change_set_id"))

    op.drop_table("area")
    op.drop_table("change_set")
