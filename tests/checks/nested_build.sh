#!/usr/bin/env bash
# nested_build.sh PRESET TARGET: builds TARGET in build/PRESET; with TARGET `all` runs the preset's tests as well.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../bin/setup.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../bin/setup.sh"
preset=$1 target=$2

lock "$preset build"
configured "$preset" NETRIG_TESTS:BOOL=ON || configure "$preset" -DNETRIG_TESTS=ON
compile "$preset" "$target"
unlock
[[ $target != all ]] || ctest --preset "$preset"
