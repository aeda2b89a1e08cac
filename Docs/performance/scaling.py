"""A model of how long a training step takes at up to 1,024 ranks, and its picture.

    step(N) = compute + waiting(N) + sum(generator, N) + sum(discriminator, N) + 3 x sum(8 bytes, N)

with the sum of B bytes over N ranks taking

    ring:    2 (N - 1) latency + 2 (N - 1) / N x B / bandwidth
    tree:    2 log2(N) x (latency + B / bandwidth)
    halving: 2 log2(N) latency + 2 (N - 1) / N x B / bandwidth

and waiting(N) = deviation x sqrt(2 ln N), the expected largest of N normal delays.
"""

import math

GENERATOR, DISCRIMINATOR = 4 * 281_084, 4 * 144_272
# Seconds for a message, bytes a second: what such networks are rated at.
NETWORKS = {"10 Gbit/s Ethernet": (30e-6, 1.25e9), "100 Gbit/s InfiniBand": (2e-6, 12.5e9)}
# Relative deviation of a rank's computing time, from the spread of repeated runs on an idle machine.
SPREAD = 0.005
RANKS = [1 << k for k in range(11)]
COLOURS = {"halving": "#2a9d55", "ring": "#1f6feb", "tree": "#d1495b"}


def ring(size, ranks, latency, bandwidth):
    return 2 * (ranks - 1) * latency + 2 * (ranks - 1) / ranks * size / bandwidth


def tree(size, ranks, latency, bandwidth):
    return 2 * math.ceil(math.log2(ranks)) * (latency + size / bandwidth) if ranks > 1 else 0.0


def halving(size, ranks, latency, bandwidth):
    return 2 * math.ceil(math.log2(ranks)) * latency + 2 * (ranks - 1) / ranks * size / bandwidth


WAYS = (halving, ring, tree)


class Model:
    def __init__(self, compute, messages):
        """`compute`: seconds of one rank's step with one sample. `messages`: measured sums."""
        self.compute = compute
        two = [m for m in messages if m["ranks"] == 2]
        self.latency = min(m["seconds"] for m in two) / 2
        largest = max(two, key=lambda m: m["bytes"])
        # At two ranks a sum moves its bytes once.
        self.bandwidth = largest["bytes"] / largest["seconds"]

    def step(self, ranks, way, latency, bandwidth):
        waiting = SPREAD * self.compute * math.sqrt(2 * math.log(ranks)) if ranks > 1 else 0.0
        sums = sum(way(size, ranks, latency, bandwidth) for size in (GENERATOR, DISCRIMINATOR))
        return self.compute + waiting + sums + 3 * tree(8, ranks, latency, bandwidth)

    def efficiency(self, ranks, way, network):
        return self.compute / self.step(ranks, way, *NETWORKS[network])

    def table(self):
        head = ["ranks", "waiting, ms"] + [f"{n}, {w.__name__}, ms" for n in NETWORKS for w in WAYS]
        head += [f"efficiency, {n}, halving" for n in NETWORKS]
        lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
        for ranks in RANKS[1:]:
            cells = [ranks, f"{1e3 * SPREAD * self.compute * math.sqrt(2 * math.log(ranks)):.1f}"]
            for network in NETWORKS.values():
                for way in WAYS:
                    cells.append(f"{1e3 * sum(way(s, ranks, *network) for s in (GENERATOR, DISCRIMINATOR)):.2f}")
            cells += [f"{self.efficiency(ranks, halving, n):.3f}" for n in NETWORKS]
            lines.append("| " + " | ".join(str(c) for c in cells) + " |")
        return (
            f"One rank computes a sample of 24 pixels a side in {self.compute:.3f} s. Between two ranks of the"
            f" measuring machine, latency is {1e6 * self.latency:.1f} microseconds and bandwidth"
            f" {1e-9 * self.bandwidth:.1f} GB/s.\n\n" + "\n".join(lines))

    def picture(self):
        """Efficiency over ranks, as SVG."""
        width, height, left, top, right, bottom = 800, 400, 84, 52, 220, 52
        worst = min(self.efficiency(RANKS[-1], way, network) for network in NETWORKS for way in WAYS)
        lowest = min(0.8, 0.05 * math.floor(20 * worst))

        def x(ranks):
            return left + (width - left - right) * math.log2(ranks) / math.log2(RANKS[-1])

        def y(value):
            return top + (height - top - bottom) * (1 - value) / (1 - lowest)

        out = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif"'
            ' font-size="13">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            f'<text x="{left}" y="24" font-size="15">Weak scaling, one sample of 24 pixels a side for each rank'
            " (model)</text>",
            f'<text x="{left - 8}" y="{top - 8}" text-anchor="end">efficiency</text>']
        tick = lowest
        while tick < 1.0001:
            out.append(
                f'<line x1="{left}" x2="{width - right}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="#ddd"/>'
                f'<text x="{left - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{100 * tick:.0f} %</text>')
            tick += 0.05
        for ranks in RANKS:
            out.append(f'<text x="{x(ranks):.1f}" y="{height - bottom + 20}" text-anchor="middle">{ranks}</text>')
        out.append(
            f'<text x="{(left + width - right) / 2}" y="{height - 12}" text-anchor="middle">ranks</text>')
        ends = []
        for network, dash in zip(NETWORKS, ("6 4", "none")):
            for way in WAYS:
                points = " ".join(f"{x(r):.1f},{y(self.efficiency(r, way, network)):.1f}" for r in RANKS)
                colour = COLOURS[way.__name__]
                out.append(
                    f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"'
                    f' stroke-dasharray="{dash}"/>')
                ends.append((y(self.efficiency(RANKS[-1], way, network)), f"{way.__name__}, {network}", colour))
        # Labels beside the lines' ends, moved apart where they would lie on each other.
        last = -99.0
        for place, words, colour in sorted(ends):
            place = max(place, last + 16)
            last = place
            out.append(f'<text x="{width - right + 6}" y="{place + 4:.1f}" fill="{colour}">{words}</text>')
        return "\n".join(out + ["</svg>"]) + "\n"
