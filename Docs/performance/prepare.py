#!/usr/bin/env python3
"""The dataset of srgan-prepare, made with Pillow, numpy and h5py.

    prepare.py FOLDER -o data.h5 [--patch 96] [--stride 48]     makes it
    prepare.py --compare data.h5 other.h5                       compares two datasets' patches

What it is for: the yardstick for the time of srgan-prepare. It makes two doublings from pictures in RGB,
with MATLAB's rounding, one patch a chunk with Fletcher-32, the list of pictures with their SHA-256
and the same identity. It is written as one would who knows the three libraries: resampling as matrix
products, all patches of a picture gathered by one strided view and written by one call.
"""
import argparse, hashlib, os, time
import h5py, numpy as np
from PIL import Image, ImageCms


def weights(count, factor):
    """MATLAB's imresize(..., 1/factor): (count / factor, count), rows sum to 1."""
    out = count // factor
    centre = np.arange(1, out + 1) * factor + 0.5 * (1 - factor)
    left = np.floor(centre - 2 * factor).astype(int)
    taps = left[:, None] + np.arange(4 * factor + 2)
    t = np.abs((centre[:, None] - taps) / factor)
    k = np.where(t <= 1, 1.5 * t**3 - 2.5 * t**2 + 1,
                 np.where(t <= 2, -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2, 0)) / factor
    k /= k.sum(1, keepdims=True)
    place = (taps - 1) % (2 * count)
    place = np.where(place < count, place, 2 * count - 1 - place)
    matrix = np.zeros((out, count))
    np.add.at(matrix, (np.arange(out)[:, None], place), k)
    return matrix


def shrunk(picture, factor):
    """(height, width, 3) uint8, rounded after each pass, halves upwards."""
    height, width, _ = picture.shape
    down = weights(height, factor) @ picture.reshape(height, -1).astype(np.float64)
    down = np.clip(np.floor(down + 0.5), 0, 255).reshape(-1, width, 3)
    across = np.matmul(weights(width, factor), down)
    return np.clip(np.floor(across + 0.5), 0, 255).astype(np.uint8)


def starts(length, side, stride):
    places = list(range(0, length - side + 1, stride))
    return places if places[-1] == length - side else places + [length - side]


def make(folder, output, patch, stride):
    levels = 2
    names = sorted(n for n in os.listdir(folder) if n.lower().endswith((".png", ".jpg", ".jpeg")))
    with h5py.File(output, "w", libver="latest") as file:
        datasets = []
        for level in range(levels + 1):
            side = patch >> (levels - level)
            datasets.append(file.create_dataset(
                f"level{level}", (0, side, side, 3), "u1", maxshape=(None, side, side, 3),
                chunks=(1, side, side, 3), fletcher32=True))
        origins, digests = [], []
        for index, name in enumerate(names):
            with open(os.path.join(folder, name), "rb") as source:
                data = source.read()
            with Image.open(os.path.join(folder, name)) as image:
                profile = image.info.get("icc_profile")
                image = image.convert("RGB")
                if profile:
                    import io
                    image = ImageCms.profileToProfile(
                        image, ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                        ImageCms.createProfile("sRGB"), 1, flags=0x2000)
                picture = np.asarray(image)
            height, width = (n >> levels << levels for n in picture.shape[:2])
            picture = picture[:height, :width]
            pyramid = [shrunk(picture, 4), shrunk(picture, 2), picture]
            places = [(y, x) for y in starts(height, patch, stride)
                      for x in starts(width, patch, stride)]
            origin = np.array([(index, y, x) for y, x in places], np.int64)
            digest = hashlib.sha256(origin[:, 1:].tobytes())
            first = datasets[0].shape[0]
            for level, (dataset, image) in enumerate(zip(datasets, pyramid)):
                down = levels - level
                side = patch >> down
                windows = np.lib.stride_tricks.sliding_window_view(image, (side, side), (0, 1))
                rows, columns = origin[:, 1] >> down, origin[:, 2] >> down
                patches = np.ascontiguousarray(windows[rows, columns].transpose(0, 2, 3, 1))
                dataset.resize(first + len(places), 0)
                dataset[first:] = patches
                digest.update(patches)
            origins.append(origin)
            digests.append((name, len(data), hashlib.sha256(data).hexdigest(), digest.hexdigest()))
        file["origin"] = np.concatenate(origins)
        file["source"] = np.array(
            digests, [("name", "S256"), ("size", "i8"), ("sha256", "S64"), ("digest", "S64")])
        file.attrs.update(format="peer", levels=levels, patch=patch, stride=stride, complete=True)
    print(f"{len(names)} pictures, {sum(map(len, origins))} patches")


def compare(one, other):
    with h5py.File(one) as a, h5py.File(other) as b:
        for name in ("level0", "level1", "level2", "origin"):
            x, y = a[name], b[name]
            print(name, x.shape, y.shape, end=": ")
            if x.shape != y.shape:
                print("other shapes")
                continue
            different = sum(
                int((x[i:i + 512] != y[i:i + 512]).any(axis=tuple(range(1, x.ndim))).sum())
                for i in range(0, len(x), 512))
            print("equal" if different == 0 else f"{different} differ")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paths", nargs="+")
    parser.add_argument("-o", "--output")
    parser.add_argument("--patch", type=int, default=96)
    parser.add_argument("--stride", type=int, default=48)
    parser.add_argument("--compare", action="store_true")
    options = parser.parse_args()
    if options.compare:
        compare(*options.paths)
    else:
        began = time.time()
        make(options.paths[0], options.output, options.patch, options.stride)
        spent = os.times()
        print(f"{time.time() - began:.2f} s, {spent.user:.2f} s in the program, "
              f"{spent.system:.2f} s in the system")
