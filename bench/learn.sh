#!/usr/bin/env bash
# Clusters and map against scikit-learn and umap-learn, on the same matrix in one run: CPU seconds of all threads.
#
#     bench/learn.sh                       33,000 made-up traders on 12 axes, 3 rounds in turns
#     N=100000 ROUNDS=1 bench/learn.sh     (above 50,000 without scikit-learn's silhouette)
#
# umap-learn is compiled before it is timed. Both come from PyPI into a folder of this script's own; without them
# only our side is measured. Exits with 1 when our map is less trustworthy than theirs by more than 0.003.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

n=${N:-33000}
rounds=${ROUNDS:-3}
threads=${THREADS:-2}
work=.cache/bench/learn
venv=.cache/bench/umap
die() { echo "learn.sh: $*" >&2; exit 1; }
[ -x build/bench/bench_learn ] || die "there is no build/bench/bench_learn: run ./dev build and ninja -C build"
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT

[ -x "$venv/bin/python" ] ||
    { python3 -m venv "$venv" && "$venv/bin/pip" -q install umap-learn==0.5.12 scikit-learn; } >"$work/log" 2>&1 || rm -rf "$venv"
python=/usr/bin/python3
[ -x "$venv/bin/python" ] && python=$venv/bin/python
"$python" -B bench/learn.py make "$work/points" "$n"
for ((round = 0; round < rounds; round++)); do
    build/bench/bench_learn "$work/points" "$n" 12 "$threads" "$work/ours.places" >>"$work/ours"
    if [ "$python" != /usr/bin/python3 ]; then
        "$python" -B bench/learn.py run "$work/points" "$work/theirs.places" >>"$work/theirs" 2>"$work/log" || die "$(tail -n 3 "$work/log")"
    fi
done
touch "$work/theirs"

median() { sort -g | awk '{ v[NR] = $1 } END { if (NR) { m = int((NR + 1) / 2); print NR % 2 ? v[m] : (v[m] + v[m + 1]) / 2 } else print "-" }'; }
of() { awk -v name="$2" -v column="$3" '$1 == name { print $column }' "$work/$1" | median; }
printf '%d traders × 12, %d threads, medians of %d rounds\n\n' "$n" "$threads" "$rounds"
printf '%-28s %9s %9s %14s %14s %8s\n' '' 'ours CPU' 'wall' 'theirs CPU' 'wall' 'ratio'
line() {
    awk -v label="$1" -v a="$(of ours "$2" 2)" -v b="$(of ours "$2" 3)" -v c="$(of theirs "$2" 2)" -v d="$(of theirs "$2" 3)" 'BEGIN {
        printf "%-28s %9.2f %9.2f %14s %14s %8s\n", label, a, b, c, d, c == "-" ? "-" : sprintf("%.1fx", c / a) }'
}
line 'k-means, k = 6, 10 starts' kmeans
line 'silhouette, exact' silhouette
line '15 neighbours, exact' neighbours
line 'UMAP, all of it' umap
line 'quality of the map' quality
printf '\ninertia %s, theirs %s; silhouette %s, theirs %s\n' "$(of ours kmeans 4)" "$(of theirs kmeans 4)" "$(of ours silhouette 4)" "$(of theirs silhouette 4)"
ours=$("$python" -B bench/learn.py trust "$work/points" "$work/ours.places")
if [ ! -f "$work/theirs.places" ]; then
    echo "trustworthiness $ours (ours says $(of ours quality 4))"
    exit
fi
theirs=$("$python" -B bench/learn.py trust "$work/points" "$work/theirs.places")
echo "trustworthiness $ours (ours says $(of ours quality 4)), theirs $theirs"
awk -v a="$ours" -v b="$theirs" 'BEGIN { exit !(a >= b - 0.003) }' || die "the map is worse than umap-learn's"
