# What the checks of this folder share: the tiny run they train, and how two runs are compared.
# Sourced by them, with `name` set and the repository's root as the present folder.

bin=${SRGAN_BIN:-$(swift build -c release --show-bin-path)}
work=$(mktemp -d "${TMPDIR:-/tmp}/srgan-$name.XXXXXX")
chmod 755 "$work"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1
export OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_rmaps_base_oversubscribe=1
export OPENBLAS_NUM_THREADS=1
PATH=$bin:$PATH

say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }

fail() {
  say "FAILED: $*"
  say "what there is to look at is in $work"
  exit 1
}

as_root() {
  [ "$(id -u)" -eq 0 ] || { echo "error: 'Launch/test --$name' needs root" >&2; exit 77; }
}

# make_dataset: the built-in photographs at factor 2, in patches of 32 pixels.
make_dataset() {
  srgan-prepare Datasets/photographs/train -o "$work/data.h5" --patch 32 --stride 96 --levels 1 \
    --single-file > "$work/prepare.log" 2>&1 || fail "srgan-prepare: $(tail -1 "$work/prepare.log")"
}

# The options of a run of `steps` pre-training steps and as many alternations.
tiny_run() {
  printf -- '--set\n%s\n' batch=4 network.levels=1 network.back_projections=1 patch.size=32 \
    "pretrain.steps=$1" "adversarial.steps=$1" 'losses.perceptual.features=conv1_2' \
    checkpoint.every=10
}

# The log of a run without what the clock says.
values() { sed -E 's/,"([a-z]+_)?seconds":[-+.e0-9]+//g' "$1/log.jsonl"; }

# same A B: both runs have the same log and the same final weights.
same() {
  cmp -s "$1/generator.safetensors" "$2/generator.safetensors" || fail "other weights in $1 and $2"
  cmp -s <(values "$1") <(values "$2") || fail "another log in $1 and $2"
}

# wait_for WHAT SECONDS COMMAND...: until the command succeeds.
wait_for() {
  local what=$1 end=$((SECONDS + $2))
  shift 2
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "$what did not come"
    sleep 0.5
  done
}

has_lines() { [ "$(wc -l < "$1/log.jsonl" 2> /dev/null || echo 0)" -ge "$2" ]; }
