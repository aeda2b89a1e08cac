#!/usr/bin/env python3
"""Measures what Docs/Performance.md shows, and rewrites its tables and its picture.

    measure.py                        all sections, about ten minutes on an idle machine
    measure.py kernels threads        some of them
    measure.py --write                nothing: only writes the page again
    measure.py compare --python torch-env/bin/python

The figures are kept in measured.json beside this file, each with the command that gave it.
Build with 'swift build -c release' first, and leave the machine alone meanwhile.
"""

import argparse
import json
import os
import platform
import statistics
import sys
from pathlib import Path

import compare
import scaling

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "Performance.md"
RECORD = HERE / "measured.json"
PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def processor():
    name = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
    except OSError:
        pass
    return name


def timed(words, ranks=1, runs=5):
    """One line of srgan-benchmark, with the command that a reader types for it."""
    result = compare.ours(words, ranks, runs)
    result["command"] = (f"mpirun -n {ranks} " if ranks > 1 else "") + f"srgan-benchmark {words}"
    return result


# What each section measures ------------------------------------------------------------------


def measure_compare(options, before):
    compare.check_torch(options.python)
    rows = {row["name"]: row for row in before}
    for name in options.only or compare.WORKS:
        rows[name] = compare.compare(options.python, name, options.rounds, 5)
    return [rows[name] for name in compare.WORKS if name in rows]


def measure_kernels(options, before):
    """Direct convolution, and the forms that are chosen by themselves."""
    rows = []
    for form in ("off", "auto"):
        command = [compare.benchmark_program(), "kernels", "--lr", "96", "--runs", "7", "--json"]
        rows += [dict(r, form=form) for r in compare.run_json(command + ["--winograd", form])]
    return rows


def measure_instructions(options, before):
    return [timed(f"step --lr 24 --batch 1 --instructions {name}") for name in ("avx512", "avx2", "baseline")]


def measure_threads(options, before):
    rows = []
    for words in ("step --lr 24 --batch 1", "pretrain --lr 24 --batch 4", "infer --lr 128"):
        for threads in sorted({1, 2, PROCESSORS}):
            if threads <= PROCESSORS:
                rows.append(timed(f"{words} --threads {threads}"))
    return rows


def measure_ranks(options, before):
    """The same work for every rank, alternately with one rank and with all."""
    rows = []
    for kind, share in (("step", 1), ("step", 4), ("pretrain", 4)):
        runs = {1: [], PROCESSORS: []}
        for _ in range(options.rounds):
            for ranks, results in runs.items():
                results.append(timed(f"{kind} --lr 24 --batch {share * ranks}", ranks))
        for ranks, results in runs.items():
            results.sort(key=lambda r: r["seconds"])
            rows.append(results[len(results) // 2])
    return rows


def measure_memory(options, before):
    return [
        timed(f"step --lr {side} --batch 1{extra}", runs=3)
        for side in (24, 48, 64) for extra in ("", " --recompute")]


def measure_perceptual(options, before):
    rows = []
    for words in ("step --lr 24 --batch 1", "step --lr 24 --batch 4", "step --lr 48 --batch 1"):
        pairs = [(timed(words, runs=3), timed(words + " --perceptual", runs=3)) for _ in range(options.rounds)]
        for results in zip(*pairs):
            rows.append(sorted(results, key=lambda r: r["seconds"])[len(results) // 2])
    return rows


def measure_messages(options, before):
    rows = []
    for ranks in sorted({2, PROCESSORS}):
        command = compare.mpirun(ranks) + [compare.benchmark_program(), "messages"]
        rows += compare.run_json(command)
    return rows


# How each is shown ---------------------------------------------------------------------------


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def show_compare(rows):
    version = rows[0]["torch"]
    return table(
        ["work", "ours, s", f"PyTorch {version}, s", "**ratio**", "ours, GFLOP/s", "PyTorch, GFLOP/s",
         "ours, MB", "PyTorch, MB"],
        [[f"`{r['work']}`" + (f", {r['ranks']} ranks against {r['threads']} threads" if r["ranks"] > 1 else ""),
          f"{r['ours']:.3f}", f"{r['theirs']:.3f}", f"**{r['ratio']:.2f}**", f"{r['our_gflop_s']:.0f}",
          f"{r['their_gflop_s']:.0f}", r["our_mb"], r["their_mb"]] for r in rows])


def show_kernels(rows):
    peak = max(r["peak_gflop_s"] for r in rows if r["what"] == "peak")
    cells = {}
    for r in rows:
        if r["what"] == "kernels":
            cells.setdefault((r["kernel"], r["form"]), []).append(
                f"{r['gflop_s']:.0f} ({100 * r['gflop_s'] / peak:.0f} %)")
    head = ["GFLOP/s (share of the peak)", "computed", "forward", "input gradient", "weight gradient"]
    body = []
    for (kernel, form), row in cells.items():
        # 1x1 has one way to be computed.
        if form == "off" or not kernel.startswith("1x1"):
            body.append([kernel, "directly" if form == "off" else "as chosen"] + row)
    text = table(head, sorted(body, key=lambda row: row[0]))
    return f"Multiplying and adding in registers alone, one core does {peak:.0f} GFLOP/s.\n\n{text}"


def show_instructions(rows):
    return table(
        ["instruction set", "seconds", "GFLOP/s"],
        [[r["engine"].split()[-1], f"{r['seconds']:.3f}", f"{r['gflop_s']:.0f}"] for r in rows])


def show_threads(rows):
    first = {}
    for r in rows:
        first.setdefault((r["what"], r["lr"], r["batch"]), r["seconds"])
    return table(
        ["command", "seconds", "times as fast"],
        [[f"`{r['command']}`", f"{r['seconds']:.3f}",
          f"{first[(r['what'], r['lr'], r['batch'])] / r['seconds']:.2f}"] for r in rows])


def show_ranks(rows):
    pairs = list(zip(rows[0::2], rows[1::2]))
    return table(
        ["samples of a rank", "1 rank, s", "ranks", "all ranks, s", "efficiency"],
        [[f"`{a['what']}`, {a['batch']}", f"{a['seconds']:.3f}", b["ranks"], f"{b['seconds']:.3f}",
          f"{a['seconds'] / b['seconds']:.3f}"] for a, b in pairs])


def show_memory(rows):
    return table(
        ["command", "peak MB", "seconds"],
        [[f"`{r['command']}`", r["peak_mb"], f"{r['seconds']:.3f}"] for r in rows])


def show_perceptual(rows):
    pairs = list(zip(rows[0::2], rows[1::2]))
    return table(
        ["command", "without, s", "with `--perceptual`, s", "ratio"],
        [[f"`{a['command']}`", f"{a['seconds']:.3f}", f"{b['seconds']:.3f}",
          f"{b['seconds'] / a['seconds']:.2f}"] for a, b in pairs])


def show_messages(rows):
    return table(
        ["bytes", "ranks", "microseconds", "MB/s"],
        [[f"{r['bytes']:,}", r["ranks"], f"{1e6 * r['seconds']:.1f}",
          f"{1e-6 * r['bytes'] / r['seconds']:.0f}"] for r in rows])


SECTIONS = {
    name: (globals()[f"measure_{name}"], globals()[f"show_{name}"])
    for name in (
        "compare", "kernels", "instructions", "threads", "ranks", "memory", "perceptual", "messages")}


def between(page, name, text):
    """The page with what stands between the marks of `name` replaced."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    if begin not in page or end not in page:
        sys.exit(f"error: {PAGE} has no marks for '{name}'")
    head, rest = page.split(begin, 1)
    return f"{head}{begin}\n{text}\n{end}{rest.split(end, 1)[1]}"


def write(record):
    page = PAGE.read_text()
    for name, (_, show) in SECTIONS.items():
        if name in record:
            page = between(page, name, show(record[name]["rows"]))
    if "ranks" in record and "messages" in record:
        compute = statistics.median(
            r["seconds"] for r in record["ranks"]["rows"] if r["ranks"] == 1 and r["what"] == "step" and r["batch"] == 1)
        model = scaling.Model(compute, record["messages"]["rows"])
        page = between(page, "scaling", model.table())
        (HERE / "scaling.svg").write_text(model.picture())
    machines = sorted({f"{r['processor']}, {r['processors']} processors" for r in record.values()})
    page = between(page, "machine", "Measured on: " + "; ".join(machines) + ".")
    PAGE.write_text(page)


def main():
    parser = argparse.ArgumentParser(description="Measures the figures of Docs/Performance.md.")
    parser.add_argument("sections", nargs="*", metavar="section", help=", ".join(SECTIONS) + "; all if none is given")
    parser.add_argument("--write", action="store_true", help="only write the page again")
    parser.add_argument("--python", default=sys.executable, help="a Python that has PyTorch, for compare")
    parser.add_argument("--only", action="append", choices=list(compare.WORKS), help="one work of compare; repeatable")
    parser.add_argument("--rounds", type=int, default=3, help="how often alternating works take turns")
    options = parser.parse_args()
    unknown = [s for s in options.sections if s not in SECTIONS]
    if unknown:
        sys.exit(f"error: there is no section '{unknown[0]}': there are {', '.join(SECTIONS)}")
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    for name in [] if options.write else options.sections or SECTIONS:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        record[name] = {
            "processor": processor(), "processors": PROCESSORS, "rows": SECTIONS[name][0](options, record.get(name, {}).get("rows", []))}
        RECORD.write_text(json.dumps(record, indent=1) + "\n")
    write(record)


if __name__ == "__main__":
    main()
