# shellcheck shell=bash
# What bin/loadgen and bin/test share: installing packages, configuring, building. Sourced under `set -euo pipefail`.
# Everything here reports on stderr; stdout belongs to the program that runs afterwards.

program=bin/$(basename "$0")
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")

# shellcheck disable=SC2034 # The scripts that source this file choose from these.
run_packages=(g++ cmake ninja-build pkg-config libboost1.81-dev libyaml-cpp-dev libcli11-dev libfmt-dev
  libxxhash-dev libsodium-dev libssl-dev nlohmann-json3-dev prometheus-cpp-dev)
# shellcheck disable=SC2034
test_packages=(libboost-test1.81-dev libbenchmark-dev libprotobuf-dev protobuf-compiler libflatbuffers-dev
  flatbuffers-compiler iproute2 libenet-dev openssl python3 python3-jsonschema
  python3-yaml clang-format shellcheck)
# shellcheck disable=SC2034
slow_test_packages=(clang docker-compose fish zsh)

say() {
  [[ ! -t 2 ]] || printf '\r\033[K' >&2
  printf '%s: %s\n' "$program" "$*" >&2
}
die() {
  say "$*"
  exit 1
}

# show DONE TOTAL WHAT: one line that is rewritten on a terminal, a line per tenth elsewhere.
shown_tenth=-1
show() {
  local done=$1 total=$2 what=$3 tenth
  if [[ -t 2 ]]; then
    printf '\r\033[K%s: [%d/%d] %.60s' "$program" "$done" "$total" "$what" >&2
    ((done < total)) || printf '\n' >&2
    return
  fi
  tenth=$((total > 0 ? done * 10 / total : 10))
  if ((tenth != shown_tenth)); then
    shown_tenth=$tenth
    say "[$done/$total] $what"
  fi
}

# lock NAME: one process at a time from here on. unlock ends the lock taken last; the end of this process and of those
# it has started ends all.
lock() {
  mkdir -p "$root/build" 2>/dev/null || die "cannot write to $root/build"
  { exec {lock_fd}>"$root/build/$1.lock"; } 2>/dev/null || die "cannot write to $root/build"
  flock --nonblock "$lock_fd" && return
  say "waiting for another $1 in $root to end"
  flock "$lock_fd"
}
unlock() { exec {lock_fd}>&-; }

# find_missing PACKAGE...: sets `missing` to those that are not installed.
find_missing() {
  local package states
  missing=()
  states=$(dpkg-query --show --showformat='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    [[ $'\n'$states$'\n' == *$'\n'"$package installed"$'\n'* ]] || missing+=("$package")
  done
}

# Reads apt-get's output: "Get:7 ..." while it downloads, "Setting up NAME ..." for each package installed.
show_apt_progress() {
  local line total=0 set_up=0 downloaded
  while IFS= read -r line; do
    case $line in
      *' newly installed, '*) total=${line%% newly installed,*} && total=${total##* } ;;
      Get:*)
        downloaded=${line#Get:} && downloaded=${downloaded%% *}
        show "$downloaded" "$total" 'downloading packages'
        ;;
      'Setting up '*)
        line=${line#Setting up }
        show "$((++set_up))" "$total" "installing ${line%% *}"
        ;;
    esac
  done
}

install_failed() {
  local log=$1 error unfetched
  if grep -q 'Packages need to be removed' "$log"; then
    error='a package that excludes them is installed (libboost-dev 1.74 excludes libboost1.81-dev); remove it first'
  else
    error=$(grep -m1 '^E: ' "$log") || error='apt-get failed'
    unfetched=$(grep -m1 '^W: Failed to fetch' "$log") && error+="; before that: $unfetched"
  fi
  die "could not install packages: $error (details: $log)"
}

# need PACKAGE...: installs those that are missing. Asks only dpkg's local database when none is.
need() {
  # Without dpkg there is nothing to install with: cmake names the library that is not there.
  [[ -n $(type -P dpkg-query) ]] || return 0
  local missing as_root=() log=$root/build/install.log
  find_missing "$@"
  ((${#missing[@]} > 0)) || return 0
  local apt=(apt-get install --yes --no-install-recommends --no-remove "${missing[@]}")
  if (($(id -u) != 0)); then
    as_root=(sudo)
    [[ -t 0 ]] || as_root=(sudo -n)
    "${as_root[@]}" true 2>/dev/null || die "packages are missing; run as root: apt-get update && ${apt[*]}"
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 LC_ALL=C)
  local options=(--option DPkg::Lock::Timeout=600 --option Acquire::Retries=3)
  say "installing ${missing[*]}"
  # A broken third-party source fails the update; the installation itself may still succeed.
  "${as_root[@]}" apt-get "${options[@]}" update </dev/null >"$log" 2>&1 ||
    say "apt-get update failed; trying with the package lists as they are (details: $log)"
  "${as_root[@]}" "${apt[@]}" "${options[@]}" </dev/null 2>&1 | tee -a "$log" | show_apt_progress ||
    install_failed "$log"
}

# unpack PACKAGE PROGRAM...: Debian's package into build/PACKAGE, for its programs alone. Not installed, because installing
# it would start its service. Nothing to do where the programs are on the PATH.
unpack() {
  local package=$1 folder=$root/build/$1 log=$root/build/install.log program=
  for program in "${@:2}"; do
    [[ -n $(type -P "$program") || -x $folder/usr/bin/$program ]] || break
    program=
  done
  [[ -n $program && -n $(type -P dpkg-deb) ]] || return 0
  say "fetching $package"
  rm -rf "$folder.deb" && mkdir -p "$folder.deb"
  (cd "$folder.deb" && apt-get download "$package") </dev/null >>"$log" 2>&1 ||
    die "could not fetch $package; apt-get update may help (details: $log)"
  dpkg-deb --extract "$folder.deb"/*.deb "$folder" >>"$log" 2>&1 || die "could not unpack $package (details: $log)"
  rm -rf "$folder.deb"
}

# configured PRESET [CACHE_LINE...]: the build folder belongs to this tree and its cache holds these lines.
configured() {
  local folder=$root/build/$1 line
  [[ -f $folder/build.ninja ]] || return
  for line in "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "${@:2}"; do
    grep -sqxF -- "$line" "$folder/CMakeCache.txt" || return
  done
}

# configure PRESET [CMAKE_OPTION...]
configure() {
  local folder=$root/build/$1 log=$root/build/$1.configure.log options=(--preset "$@")
  say "configuring build/$1"
  # The folder may have come with a tree that was copied or moved.
  configured "$1" || [[ ! -f $folder/CMakeCache.txt ]] || options+=(--fresh)
  cmake -S "$root" "${options[@]}" </dev/null >"$log" 2>&1 && return
  grep -A8 -m1 '^CMake Error' "$log" >&2 || true
  die "cmake could not configure the build (details: $log)"
}

show_ninja_progress() {
  local line count
  while IFS= read -r line; do
    # Before the first step is done ninja only reports that it looks for changed lists.
    [[ $line == '['*/*'] '* && $line != '[0/'* ]] || continue
    count=${line#[} && count=${count%%]*}
    line=${line/CMakeFiles\/*.dir\//}
    show "${count%/*}" "${count#*/}" "${line#*] }"
  done
}

# compile PRESET TARGET: ninja, with all processors; nothing is printed when nothing is to be done.
compile() {
  local folder=$root/build/$1 log=$root/build/$1.build.log
  # ccache keeps its files below HOME unless told otherwise.
  [[ -w ${HOME:-/nonexistent} ]] || export CCACHE_DIR=$root/build/ccache
  NINJA_STATUS='[%f/%t] ' ninja -C "$folder" -j "$(nproc)" "$2" </dev/null 2>&1 | tee "$log" | show_ninja_progress &&
    return
  { grep -A30 -m1 '^FAILED: ' "$log" || tail -n 10 "$log"; } >&2
  die "the build of build/$1 failed (details: $log)"
}
