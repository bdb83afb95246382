# shellcheck shell=bash
# What the scripts of the action have in common; read by them, not run.

fail() { # exit code, message: end the step, and say why on the run's page
  echo "::error title=mlci::$2"
  exit "$1"
}

one_of() { # input, value, names…: end the step unless the value is one of the names
  local input="$1" value="$2" name
  shift 2
  for name in "$@"; do [ "$value" != "$name" ] || return 0; done
  fail 2 "The input ${input} is \"$(plain "$value")\"; it must be one of: $*."
}

plain() { # value: the same without what could end a workflow command or begin another, and not long
  printf '%s' "${1:0:100}" | tr -c '[:alnum:] ._/@,-' '?'
}

native() { # path: as programs of this system write it; bash on Windows has paths of its own
  if command -v cygpath >/dev/null 2>&1; then cygpath -w -- "$1"; else printf '%s\n' "$1"; fi
}

find_python() { # print the first Python that mlci can be installed with
  local name
  for name in python3.13 python3.12 python3.11 python3.14 python3 python \
    "${RUNNER_TOOL_CACHE:-}"/Python/3.*/*/bin/python3 "${RUNNER_TOOL_CACHE:-}"/Python/3.*/*/python.exe; do
    if "$name" -I -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      command -v -- "$name"
      return
    fi
  done
  return 1
}

interpreter() { # folder of an environment: its interpreter
  if [ -e "$1/Scripts/python.exe" ]; then echo "$1/Scripts/python.exe"; else echo "$1/bin/python"; fi
}

# shellcheck disable=SC2034 # the scripts use it
own_python() { # put the Python that mlci is to be installed with into `python`, or end the step
  python="$(find_python)" || fail 3 "mlci needs a Python of 3.11 or later on the runner for itself. Add actions/setup-python."
}

check_extras() {
  case "$MLCI_EXTRAS" in
    *[!a-z0-9,-]*) fail 2 "The input extras is \"$(plain "$MLCI_EXTRAS")\"; it must be names with commas between, as model." ;;
  esac
}

# What the job sets for the project's Python must neither hide mlci's packages nor send them elsewhere.
unset PYTHONHOME PYTHONPATH PIP_PREFIX PIP_REQUIRE_VIRTUALENV PIP_TARGET PIP_USER

# shellcheck disable=SC2034 # the scripts use it
home="$RUNNER_TEMP/mlci"
# shellcheck disable=SC2034 # the scripts use it
source_folder="$(native "$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)")"
