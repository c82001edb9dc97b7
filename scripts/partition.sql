-- Hash partitions of the derived tables on further PostgreSQL servers; docs/scaling.md says when, and how to prepare it.
--
--   psql -d incidents -f scripts/partition.sql          defines the two procedures
--   psql -d incidents -c 'CALL atlas_partition()'       moves the rows to the servers named atlas_shard_...
--   psql -d incidents -c 'CALL atlas_gather()'          takes them back, as before every upgrade of the schema
--
-- Each is one transaction behind the lock of a writer: all of it or nothing, and readers see the old rows until it ends.

CREATE OR REPLACE FUNCTION atlas_derived() RETURNS TABLE (name text, key text) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('spot', 'cell, start, incident_id, location_id, tiers'), ('search_text', 'id'), ('fragment', 'incident_id'),
           ('summary', 'incident_id')
$$;

CREATE OR REPLACE FUNCTION atlas_indexes(moved text) RETURNS text[] LANGUAGE sql STABLE AS $$
    -- ONLY would leave the index of a partitioned table without those of its partitions.
    SELECT coalesce(array_agg(replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')), '{}') FROM pg_index
    WHERE indrelid = moved::regclass AND NOT indisunique
$$;

CREATE OR REPLACE PROCEDURE atlas_partition() LANGUAGE plpgsql AS $$
DECLARE
    servers text[] := ARRAY(SELECT srvname FROM pg_foreign_server WHERE srvname ^@ 'atlas_shard_' ORDER BY srvname);
    moved text; definition text; definitions text[]; number int;
BEGIN
    IF cardinality(servers) = 0 THEN RAISE EXCEPTION 'create the servers atlas_shard_0, atlas_shard_1 ... first'; END IF;
    PERFORM pg_advisory_xact_lock(1229018161);
    FOR moved IN SELECT name FROM atlas_derived() JOIN pg_class ON oid = to_regclass(name) WHERE relkind = 'r' LOOP
        definitions := atlas_indexes(moved);
        EXECUTE format('CREATE TABLE atlas_moved (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS) '
                       'PARTITION BY HASH (incident_id)', moved);
        FOR number IN 0 .. cardinality(servers) - 1 LOOP
            EXECUTE format('CREATE FOREIGN TABLE %I PARTITION OF atlas_moved FOR VALUES WITH (MODULUS %s, REMAINDER %s) '
                           'SERVER %I OPTIONS (schema_name ''public'', table_name %L)',
                           moved || '_' || number, cardinality(servers), number, servers[number + 1], moved);
        END LOOP;
        EXECUTE format('INSERT INTO atlas_moved SELECT * FROM %I', moved);
        EXECUTE format('DROP TABLE %I', moved);
        EXECUTE format('ALTER TABLE atlas_moved RENAME TO %I', moved);
        FOREACH definition IN ARRAY definitions LOOP EXECUTE definition; END LOOP;
    END LOOP;
END $$;

CREATE OR REPLACE PROCEDURE atlas_gather() LANGUAGE plpgsql AS $$
DECLARE
    moved text; columns text; definition text; definitions text[];
BEGIN
    PERFORM pg_advisory_xact_lock(1229018161);
    FOR moved, columns IN SELECT name, key FROM atlas_derived() JOIN pg_class ON oid = to_regclass(name) WHERE relkind = 'p'
    LOOP
        definitions := atlas_indexes(moved);
        EXECUTE format('CREATE TABLE atlas_moved (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', moved);
        EXECUTE format('INSERT INTO atlas_moved SELECT * FROM %I', moved);
        EXECUTE format('DELETE FROM %I', moved);
        EXECUTE format('DROP TABLE %I', moved);
        EXECUTE format('ALTER TABLE atlas_moved RENAME TO %I', moved);
        EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I PRIMARY KEY (%s)', moved, 'pk_' || moved, columns);
        FOREACH definition IN ARRAY definitions LOOP EXECUTE definition; END LOOP;
    END LOOP;
END $$;
