# shellcheck shell=bash
# What the scripts of tests/ share. Source it; it sets no shell option and starts nothing.

lab=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=run
source "$lab/../../run"

# What the tests of the process need besides the build; Debian 13's root has them too.
# shellcheck disable=SC2034 # for those who source this
system_packages=(
    python3 python3-pytest python3-websockets python3-hypothesis python3-jsonschema
    curl iproute2 mosquitto mosquitto-clients netcat-openbsd nginx-light openssl python3-paho-mqtt socat
)

# Roots, kernels and images outlive a checkout, so they stand outside of it.
cache=${GATEWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}}/gpio-gateway

# as_root COMMAND...
as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        say "this needs root, and there is no sudo here: $*"
        return 77
    fi
}

# checksum: 12 hexadecimal digits of what stands on standard input.
checksum() { sha256sum | cut -c 1-12; }

# locked NAME: one at a time; held on descriptor 9 until this shell ends.
locked() {
    mkdir -p "$cache"
    exec 9>"$cache/$1.lock"
    flock 9
}
