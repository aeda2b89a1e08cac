#!/usr/bin/env python3
"""The work of srgan-benchmark in PyTorch, to compare speeds on one machine.

    pip install torch
    torch_method.py infer    --lr 128
    torch_method.py pretrain --lr 24 --batch 4
    torch_method.py step     --lr 24 --batch 1 --threads 2 --channels-last

Prints one JSON line with the keys of srgan-benchmark. The networks are those of Sources/Networks,
in eager mode with oneDNN's convolutions, as people write them. Parameters are one dictionary with
the published names, so that the code below reads like the list of tensors in Docs/Formats.md.
Values do not matter here and are random.
"""

import argparse
import json
import math
import os
import resource
import statistics
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("what", choices=["infer", "pretrain", "step"])
parser.add_argument("--lr", type=int, default=24, help="side of the low-resolution image")
parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--runs", type=int, default=5, help="timed runs, after two untimed ones")
parser.add_argument("--channels-last", action="store_true", help="PyTorch's other memory layout")
options = parser.parse_args()
os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

try:
    import torch
except ImportError:
    sys.exit("PyTorch is missing in this Python: make an environment with 'python3 -m venv torch-env',"
             " then 'torch-env/bin/pip install torch', and give --python torch-env/bin/python")
import torch.nn.functional as F

torch.set_num_threads(options.threads)
LEVELS, BACK_PROJECTIONS, FEATURES = 2, 2, 48
LAYOUT = torch.channels_last if options.channels_last else torch.contiguous_format


class Network:
    """Named parameters, and the two operations that all modules are made of."""

    def __init__(self):
        self.parameters = {}
        # Multiply-adds of convolutions since the last reset, for the arithmetic of a run.
        self.multiply_adds = 0

    def weight(self, name, *shape):
        deviation = math.sqrt(2 / (shape[1] * shape[2] * shape[3]))
        tensor = (deviation * torch.randn(shape)).to(memory_format=LAYOUT)
        self.parameters[name] = tensor.requires_grad_()

    def bias(self, name, count):
        self.parameters[name] = torch.zeros(count, requires_grad=True)

    def activation(self, x, name):
        return F.relu(x + self.parameters[name].view(1, -1, 1, 1))

    def convolution(self, x, name, stride=1, bias=None):
        w = self.parameters[name]
        y = F.conv2d(x, w, self.parameters[bias] if bias else None, stride, w.shape[-1] // 2)
        self.multiply_adds += y.numel() * w[0].numel()
        return y

    def transposed(self, x, name):
        w = self.parameters[name]
        self.multiply_adds += x.numel() * w[0].numel()
        return F.conv_transpose2d(x, w, stride=2, padding=1, output_padding=1)

    def make_block(self, prefix, channels, depth):
        for i in range(depth):
            wide = channels + 16 * i
            layer = f"{prefix}.dense.denselayer{i + 1}"
            self.bias(f"{layer}.act_1.norm.bias", wide)
            self.weight(f"{layer}.conv_1.weight", 64, wide, 1, 1)
            self.bias(f"{layer}.act_2.norm.bias", 64)
            self.weight(f"{layer}.conv_2.weight", 16, 64, 3, 3)
        wide = channels + 16 * depth
        self.bias(f"{prefix}.transition.act.norm.bias", wide)
        self.weight(f"{prefix}.transition.conv.weight", channels, wide, 1, 1)

    def block(self, x, prefix, depth):
        for i in range(depth):
            layer = f"{prefix}.dense.denselayer{i + 1}"
            y = self.convolution(self.activation(x, f"{layer}.act_1.norm.bias"), f"{layer}.conv_1.weight")
            y = self.convolution(self.activation(y, f"{layer}.act_2.norm.bias"), f"{layer}.conv_2.weight")
            x = torch.cat((x, y), 1)
        x = self.activation(x, f"{prefix}.transition.act.norm.bias")
        return self.convolution(x, f"{prefix}.transition.conv.weight")

    def optimizer(self):
        return torch.optim.Adam(list(self.parameters.values()), lr=1e-4)

    def require_gradients(self, wanted):
        for p in self.parameters.values():
            p.requires_grad_(wanted)


class Generator(Network):
    def __init__(self):
        super().__init__()
        n, wide = FEATURES, 2 * FEATURES + 1
        taps = torch.tensor([-0.01171875, -0.03515625, 0.11328125, 0.43359375])
        taps = torch.cat((torch.zeros(1), taps, taps.flip(0)))
        cubic = torch.outer(taps, taps).repeat(3, 1, 1, 1)
        self.parameters["ClassicUpscale.weight"] = cubic.requires_grad_()
        self.weight("Analysis.conv1.weight", n, 3, 3, 3)
        self.make_block("Analysis.block", n, 3)
        self.make_block("Upscaling.pre_up", wide, 3)
        self.bias("Upscaling.act_up.norm.bias", wide)
        self.weight("Upscaling.conv_up.weight", wide, n, 3, 3)
        self.weight("Downscaling.conv_down.weight", n, n, 3, 3)
        self.make_block("Downscaling.post_down", n, 4)
        self.make_block("Synthesis.block", n, 3)
        self.bias("Synthesis.act4.norm.bias", n)
        self.weight("Synthesis.conv4.weight", 3, n, 3, 3)
        self.bias("Synthesis.conv4.bias", 3)

    def classic(self, image, border):
        padded = F.pad(image, (1, 1, 1, 1), mode=border)
        w = 4 * self.parameters["ClassicUpscale.weight"]
        return F.conv_transpose2d(padded, w, stride=2, groups=3)[:, :, 6:-5, 6:-5]

    def analysis(self, image):
        return self.block(self.convolution(image, "Analysis.conv1.weight"), "Analysis.block", 3)

    def up(self, reference, features, noise):
        x = self.block(torch.cat((reference, features, noise), 1), "Upscaling.pre_up", 3)
        return self.transposed(self.activation(x, "Upscaling.act_up.norm.bias"), "Upscaling.conv_up.weight")

    def down(self, x):
        return self.block(
            self.convolution(x, "Downscaling.conv_down.weight", stride=2), "Downscaling.post_down", 4)

    def synthesis(self, x):
        x = self.activation(self.block(x, "Synthesis.block", 3), "Synthesis.act4.norm.bias")
        return self.convolution(x, "Synthesis.conv4.weight", bias="Synthesis.conv4.bias")

    def correct(self, h, level, references, noise):
        """The back-projections of a level; the recursion ends at level 0."""
        if level > 0:
            for _ in range(BACK_PROJECTIONS):
                s = self.correct(self.down(h), level - 1, references, noise)
                h = h + self.up(references[level - 1], s, noise[level - 1])
        return h

    def __call__(self, image, noise, border="constant"):
        references = [self.analysis(image)]
        image = image + self.synthesis(references[0])
        images = []
        for level in range(1, LEVELS + 1):
            large = self.classic(image, border)
            h = self.up(references[-1], self.down(self.analysis(large)), noise[level - 1])
            references.append(self.correct(h, level, references, noise))
            image = large + self.synthesis(references[-1])
            images.append(image)
        return images


class Discriminator(Network):
    SHIFTS = [(dy, dx) for dy in range(4) for dx in range(-3, 4) if dy > 0 or dx >= 0]

    def __init__(self):
        super().__init__()
        n = FEATURES
        self.weight("Analysis.conv1.weight", n, 3 + len(self.SHIFTS), 3, 3)
        self.make_block("Analysis.block", n, 3)
        self.weight("Pooling.conv1.weight", n, 2 * n, 1, 1)
        self.weight("Pooling.conv_down.weight", n, n, 3, 3)
        self.make_block("Pooling.block", n, 4)
        self.bias("Synthesis.act.norm.bias", n)
        self.weight("Synthesis.conv.weight", 1, n, 3, 3)
        window = torch.exp(-(torch.arange(-3.0, 4) ** 2) / (2 * (7 / 6) ** 2))
        window = window / window.sum()
        self.window = torch.outer(window, window).view(1, 1, 7, 7)

    def statistics(self, image):
        light = (image * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
        both = F.pad(torch.cat((light, light * light)), (3, 3, 3, 3), mode="replicate")
        mean, square = F.conv2d(both, self.window).chunk(2)
        deviation = ((square - mean * mean).clamp_min(0) + 1e-8).sqrt()
        n = (light - mean) / (deviation + 1 / 255)
        return torch.cat([image] + [n * n.roll(shift, (2, 3)) for shift in self.SHIFTS], 1)

    def __call__(self, images):
        pooled = None
        for image in reversed(images):
            x = self.block(
                self.convolution(self.statistics(image), "Analysis.conv1.weight"), "Analysis.block", 3)
            x = torch.cat((x, torch.zeros_like(x) if pooled is None else pooled), 1)
            x = self.convolution(self.convolution(x, "Pooling.conv1.weight"), "Pooling.conv_down.weight", stride=2)
            pooled = self.block(x, "Pooling.block", 4)
        x = self.activation(pooled, "Synthesis.act.norm.bias")
        return self.convolution(x, "Synthesis.conv.weight").mean((1, 2, 3))


def reconstruction(images, targets, low):
    loss = 0
    for level, (image, target) in enumerate(zip(images, targets), 1):
        small = F.interpolate(image, scale_factor=0.5**level, mode="bicubic", antialias=True)
        loss = loss + F.l1_loss(image, target) + F.l1_loss(small, low)
    return loss


def work():
    """The function to time, and its arithmetic in multiply-adds."""
    batch, side = options.batch, options.lr
    generator = Generator()

    def pictures(level, channels=3, border=0):
        size = (side + border) << level
        return torch.rand(batch, channels, size, size).to(memory_format=LAYOUT)

    if options.what == "infer":
        batch = 1
        low, factor = pictures(0), 1 << LEVELS
        noise = [pictures(level, 1, 2 * factor) for level in range(LEVELS)]

        @torch.no_grad()
        def infer():
            padded = F.pad(low, (factor,) * 4, mode="reflect")
            return generator(padded, noise, "replicate")

        infer()
        return infer, generator.multiply_adds

    low = pictures(0)
    targets = [pictures(level) for level in range(1, LEVELS + 1)]
    noise = [pictures(level, 1) for level in range(LEVELS)]
    silence = [torch.zeros_like(n) for n in noise]
    generator_step = generator.optimizer()
    with torch.no_grad():
        generator(low, silence)
    forward = generator.multiply_adds

    def pretrain():
        generator_step.zero_grad()
        reconstruction(generator(low, silence), targets, low).backward()
        generator_step.step()

    if options.what == "pretrain":
        return pretrain, 3 * forward

    discriminator = Discriminator()
    discriminator_step = discriminator.optimizer()
    with torch.no_grad():
        discriminator(targets)
    judged = discriminator.multiply_adds

    def alternation():
        clean, noisy = generator(low, silence), generator(low, noise)
        discriminator_step.zero_grad()
        fake = discriminator([image.detach() for image in noisy])
        F.softplus(fake - discriminator(targets)).mean().backward()
        discriminator_step.step()

        generator_step.zero_grad()
        discriminator.require_gradients(False)
        with torch.no_grad():
            real = discriminator(targets)
        adversarial = F.softplus(real - discriminator(noisy)).mean()
        (10 * reconstruction(clean, targets, low) + 1e-3 * adversarial).backward()
        generator_step.step()
        discriminator.require_gradients(True)

    # A backward pass is twice its forward; through the frozen discriminator once.
    return alternation, 6 * forward + 9 * judged


def main():
    torch.manual_seed(1)
    run, multiply_adds = work()
    seconds = []
    for number in range(options.runs + 2):
        start = time.perf_counter()
        run()
        if number >= 2:
            seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds)
    gflop = 2e-9 * multiply_adds
    print(json.dumps({
        "engine": f"torch {torch.__version__}" + (" channels-last" if options.channels_last else ""),
        "what": options.what, "threads": options.threads, "lr": options.lr, "batch": options.batch,
        "runs": options.runs, "seconds": round(median, 5), "best": round(min(seconds), 5),
        "gflop": round(gflop, 2), "gflop_s": round(gflop / median, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


main()
