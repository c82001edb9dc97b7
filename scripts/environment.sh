# Sourced by scripts/start and scripts/test: makes .venv with a Python that is new enough, once.
# Usage: environment ARGUMENTS-FOR-PIP...   (sets $python)

newest_python() {
    local name
    for name in "${PYTHON:-}" python3.14 python3.13 python3.12 python3.11 python3 python; do
        if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    echo "Python 3.11 to 3.14 with venv is needed (Debian: apt-get install python3 python3-venv)." >&2
    return 1
}

environment() {
    local wanted base
    python=.venv/bin/python
    wanted="$* $(cat pyproject.toml constraints.txt | cksum)"
    if [ -x "$python" ] && [ "$(cat .venv/made-for 2>/dev/null)" = "$wanted" ]; then return; fi
    base=$(newest_python) || return 1
    echo "Setting up .venv with $("$base" --version) ..." >&2
    "$base" -m venv --clear .venv
    "$python" -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
    "$python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt "$@"
    printf '%s' "$wanted" >.venv/made-for
}

# Installs Debian packages of which a program is missing, where this user may; elsewhere it says which are missing.
# Usage: debian_packages PROGRAM-OR-FILE PACKAGES...
debian_packages() {
    local wanted=$1
    shift
    if command -v "$wanted" >/dev/null 2>&1 || compgen -G "$wanted" >/dev/null; then return; fi
    if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
        echo "Not installed, and some tests are left out without it: $* (Debian: apt-get install $*)" >&2
        return
    fi
    apt-get update -qq
    # Without its own cluster: the tests start servers of theirs.
    mkdir -p /etc/postgresql-common && [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"
}

# PostgreSQL with PostGIS for the server edition, GDAL's own tools, which read what is exported, a browser with fonts of
# both scripts for the pages, QGIS, which opens the layers of the server, and wrk, which the benchmark asks it with.
test_programs() {
    debian_packages '/usr/share/postgresql/*/extension/postgis.control' postgresql postgresql-postgis
    debian_packages ogr2ogr gdal-bin
    debian_packages chromium chromium fonts-noto-core
    debian_packages /usr/lib/python3/dist-packages/qgis/core/__init__.py python3-qgis
    debian_packages wrk wrk
}
