"""Times PyTorch (eager mode) on the workloads of org.jauss.benchmarks.Steps and prints the lines that it prints.

usage: torch_steps.py THREADS [FILTER]     FILTER is a regular expression that is looked for in the names

On Debian and Ubuntu `apt-get install python3-torch` brings PyTorch, with OpenBLAS for its matrix products. OpenBLAS and
OpenMP read their number of threads, and OpenBLAS the kernels for the processor, from the environment:

  env -u OPENBLAS_CORETYPE OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python3 src/jmh/peers/torch_steps.py 1
"""
import re
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

SECONDS = 4
WARM_UP = 3
LEAST_RUNS = 5


def timed(run, seconds):
    times = []
    end = time.perf_counter() + seconds
    while len(times) < LEAST_RUNS or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return sorted(times)


def measure(name, build):
    """One line for the step that build() makes, unless the filter leaves it out."""
    if re.search(name_filter, name):
        step = build()
        timed(step, WARM_UP)
        times = timed(step, SECONDS)
        median, least = 1e3 * times[len(times) // 2], 1e3 * times[0]
        print(f"{name} t={threads} median_ms={median:.3f} min_ms={least:.3f} n={len(times)}", flush=True)


def measure_rate(name, operations, build):
    """One line for a call whose floating-point operations are known."""
    if re.search(name_filter, name):
        call = build()
        timed(call, WARM_UP)
        times = timed(call, SECONDS)
        print(f"{name} t={threads} gflops={1e-9 * operations / times[len(times) // 2]:.1f}", flush=True)


# Steps


def training(model, optimizer, x, labels):
    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), labels).backward()
        optimizer.step()

    return step


def inference(model, x):
    model.eval()

    def step():
        with torch.no_grad():
            model(x)

    return step


def sgd(model):
    return torch.optim.SGD(model.parameters(), 0.01)


def adam(model):
    return torch.optim.Adam(model.parameters(), 1e-3)


def adamw(model):
    return torch.optim.AdamW(model.parameters(), 1e-3)


def classifier(model, optimizer, x):
    return training(model, optimizer(model), x, torch.randint(0, 10, (len(x),)))


def characters(model, optimizer, batch):
    tokens = torch.randint(0, TOKENS, (batch, LENGTH))
    return training(model, optimizer(model), tokens, tokens.flatten())


def vectors(batch):
    return torch.randn(batch, 784)


def images(batch):
    return torch.randn(batch, 3, 32, 32)


# Networks

TOKENS = 96
LENGTH = 64
# channels, window and image of the convolutions, each with 64 filters
CONVOLUTIONS = [(3, 7, 32), (64, 5, 16), (64, 3, 8)]


def mlp(norm):
    layers = []
    for a, b in [(784, 512), (512, 256)]:
        layers += [nn.Linear(a, b)] + ([nn.BatchNorm1d(b)] if norm == "bn" else []) + [nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(256, 10))


def cnn(norm):
    def hidden(layer, batch_norm):
        return [layer, nn.LeakyReLU(0.3)] + ([batch_norm] if norm == "bn" else []) + [nn.Dropout(0.25)]

    layers = []
    for channels, window, _ in CONVOLUTIONS:
        layers += hidden(nn.Conv2d(channels, 64, window, padding="same"), nn.BatchNorm2d(64)) + [nn.MaxPool2d(2)]
    layers += [nn.Flatten()]
    layers += hidden(nn.Linear(1024, 50), nn.BatchNorm1d(50))
    layers += hidden(nn.Linear(50, 50), nn.BatchNorm1d(50))
    return nn.Sequential(*layers, nn.Linear(50, 10))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 128)
        self.lstm = nn.LSTM(128, 256, batch_first=True)
        self.output = nn.Linear(256, TOKENS)

    def forward(self, x):
        return self.output(self.lstm(self.embedding(x))[0]).flatten(0, 1)


class Gpt(nn.Module):
    def __init__(self, width=128, heads=4, blocks=4):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, width)
        self.position = nn.Embedding(LENGTH, width)
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(width, heads, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True)
            for _ in range(blocks)
        )
        self.norm = nn.LayerNorm(width)
        self.output = nn.Linear(width, TOKENS)
        self.register_buffer("mask", torch.triu(torch.full((LENGTH, LENGTH), float("-inf")), 1))

    def forward(self, x):
        z = self.embedding(x) + self.position.weight
        for block in self.blocks:
            z = block(z, src_mask=self.mask)
        return self.output(self.norm(z)).flatten(0, 1)


# Kernels


def product(n):
    a, b = torch.randn(n, n), torch.randn(n, n)
    return lambda: a @ b


def convolution(which, channels, window, size):
    """Forward, or the gradient to input or weight alone."""
    x = torch.randn(32, channels, size, size)
    weight = torch.randn(64, channels, window, window)
    bias = torch.zeros(64)
    dy = torch.randn(32, 64, size, size)
    padding = window // 2
    if which == "forward":
        return lambda: F.conv2d(x, weight, bias, padding=padding)
    mask = [which == "input", which == "weight", False]
    return lambda: torch.ops.aten.convolution_backward(
        dy, x, weight, None, [1, 1], [padding, padding], [1, 1], False, [0, 0], 1, mask
    )


def main():
    print(f"# PyTorch {torch.__version__}; threads: {torch.get_num_threads()}")
    for norm in ("none", "bn"):
        for batch in (1, 32, 128, 1024):
            if norm != "bn" or batch > 1:
                measure(f"mlp-{norm}-b{batch}", lambda: classifier(mlp(norm), sgd, vectors(batch)))
    measure("mlp-adam-b128", lambda: classifier(mlp("none"), adam, vectors(128)))
    for batch in (1, 128):
        measure(f"mlp-infer-b{batch}", lambda: inference(mlp("none"), vectors(batch)))
    for norm in ("none", "bn"):
        for batch in (1, 32, 128):
            if norm != "bn" or batch > 1:
                measure(f"cnn-{norm}-b{batch}", lambda: classifier(cnn(norm), adam, images(batch)))
    for batch in (1, 32):
        measure(f"cnn-infer-b{batch}", lambda: inference(cnn("bn"), images(batch)))
    measure("lstm-b32-t64", lambda: characters(Lstm(), adam, 32))
    measure("gpt-b16-t64", lambda: characters(Gpt(), adamw, 16))
    for n in (192, 384, 768, 1536):
        measure_rate(f"gemm-{n}", 2 * n**3, lambda: product(n))
    for channels, window, size in CONVOLUTIONS:
        operations = 2 * 32 * size**2 * window**2 * channels * 64
        for which in ("forward", "input", "weight"):
            label = f"conv-{which}-{channels}-64-{window}x{window}-{size}x{size}"
            measure_rate(label, operations, lambda: convolution(which, channels, window, size))


threads = int(sys.argv[1])
name_filter = sys.argv[2] if len(sys.argv) > 2 else ""
torch.set_num_threads(threads)
torch.manual_seed(0)
main()
