# SPDX-License-Identifier: Apache-2.0
# From sources to installed programs and pages. Everything is incremental: what has not changed is not built again.
# shellcheck shell=bash disable=SC2154

build_dir=$root/build

# Two builds of one tree wait for each other.
build_locked() {
    mkdir -p "$root/build"
    exec {build_lock}>"$root/build/.lock"
    flock "$build_lock"
}

build_unlocked() {
    exec {build_lock}>&-
}

# build_configure [ARGUMENT…]: runs configure in $build_dir with these arguments.
build_configure() {
    if [ ! -x "$root/configure" ] || [ ! -f "$root/Makefile.in" ]; then
        say "generating configure"
        (cd "$root" && autoreconf -fi) >"$root/build/autoreconf.log" 2>&1 ||
            { cat "$root/build/autoreconf.log" >&2; die "autoreconf failed"; }
    fi
    [ ! -f "$build_dir/config.status" ] || [ "$*" != "$(cat "$build_dir/.arguments")" ] || return 0
    say "configuring"
    mkdir -p "$build_dir"
    (cd "$build_dir" && "$root/configure" -q "$@") >&2
    printf '%s\n' "$*" >"$build_dir/.arguments"
}

build_make() {
    make -s -C "$build_dir" -j "$(nproc)" "$@" >"$build_dir/make.log" 2>&1 ||
        { tail -n 60 "$build_dir/make.log" >&2; die "make failed; all of it is in $build_dir/make.log"; }
}

# Installs the page's packages by the lock file.
build_pages() {
    local key stamp=$root/node_modules/.agent-trace
    key=$(cat "$root/package.json" "$root/package-lock.json" "$root/static/build/vendor.mjs" | sha256sum)
    [ "$key" != "$(cat "$stamp" 2>/dev/null)" ] || [ ! -d "$root/static/vendor" ] || return 0
    say "fetching the page's packages"
    (cd "$root" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error && npm run --silent vendor) >&2
    printf '%s\n' "$key" >"$stamp"
}

# build_packages FOLDER WHAT: installs packages that only tests use, by the lock file in that folder.
build_packages() {
    local folder=$root/$1 key
    key=$(sha256sum <"$folder/package-lock.json")
    [ "$key" != "$(cat "$folder/node_modules/.agent-trace" 2>/dev/null)" ] || return 0
    say "fetching $2"
    (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error) >&2
    printf '%s\n' "$key" >"$folder/node_modules/.agent-trace"
}

# The hand-over module is built where Debian's nginx-dev is, for the nginx of the same version.
build_has_nginx_dev() { [ -x /usr/share/nginx/src/configure ]; }

# build_all [ARGUMENT…]: configures with these arguments and builds everything.
build_all() {
    build_locked
    build_configure "$@"
    say "building"
    build_make
    ! build_has_nginx_dev || build_make nginx-module
    build_pages
    build_unlocked
}

# Identifies what `make install` would copy, by name, size and time.
build_fingerprint() {
    {
        find "$build_dir" -maxdepth 2 -type f -perm -u+x -printf '%p %s %T@\n'
        find "$build_dir/sse/nginx" -name '*.so' -printf '%p %s %T@\n' 2>/dev/null || true
        find "$root/static" "$root/migrations" "$root/admin" "$root/conf" -type f -printf '%p %s %T@\n'
    } | sort | sha256sum | cut -c 1-16
}

# Installs into $prefix, unless this build is there already.
build_install() {
    local key
    build_locked
    key=$(build_fingerprint)
    if [ "$key" != "$(cat "$prefix/.installed" 2>/dev/null)" ]; then
        say "installing"
        rm -f "$prefix/.installed"
        build_make prefix="$prefix" install-libexecPROGRAMS install-binPROGRAMS install-data-local
        [ ! -e "$build_dir/sse/nginx/ngx_http_trace_handoff_module.so" ] || build_make prefix="$prefix" install-nginx-module
        chmod -R u+rwX,go+rX "$prefix/"{bin,libexec,lib,share}
        printf '%s\n' "$key" >"$prefix/.installed"
    fi
    build_unlocked
}
