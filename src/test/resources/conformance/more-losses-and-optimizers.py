"""Makes more-losses.json, more-optimizers.json and more-schedules.json, next to this file.

All in float64, from one seed. PyTorch is the reference where it has the function; where it has not, the formula of the
paper is written out here on PyTorch tensors, and the case says so in its note. Run with PyTorch 1.13 or later:

    python3 more-losses-and-optimizers.py
"""

import json
import math
import os

import torch
import torch.nn.functional as F

SEED = 23
torch.manual_seed(SEED)
torch.set_default_dtype(torch.float64)
LOSSES, OPTIMIZERS, SCHEDULES = [], [], []


def pack(t):
    t = t.detach()
    if t.dtype == torch.int64:
        return {"shape": list(t.shape), "data": t.flatten().tolist(), "dtype": "int32"}
    return {"shape": list(t.shape), "data": t.flatten().tolist()}


def loss(name, op, attrs, inputs, function):
    """inputs: name -> (tensor, whether it gets a gradient)"""
    leaves = {k: v.clone().requires_grad_(g) for k, (v, g) in inputs.items()}
    y = function(**leaves)
    upstream = torch.randn_like(y)
    y.backward(upstream)
    LOSSES.append({
        "name": name, "op": op, "attrs": attrs,
        "inputs": {k: pack(v) for k, v in leaves.items()},
        "outputs": {"y": pack(y)},
        "upstream": {"y": pack(upstream)},
        "grads": {k: pack(v.grad) for k, v in leaves.items() if v.grad is not None},
    })


def reduce(terms, reduction):
    return {"mean": terms.mean, "sum": terms.sum, "none": lambda: terms}[reduction]()


N, C, D = 6, 4, 5
LABELS = torch.tensor([2, 0, 3, 1, 1, 2])
WEIGHTS = [0.5, 2.0, 1.25, 0.75]
SIGNS = torch.tensor([1, -1, -1, 1, -1, 1])

for reduction in ("mean", "sum", "none"):
    r = {"reduction": reduction}
    logits = lambda scale=2.0: (torch.randn(N, C) * scale, True)
    labels = (LABELS, False)

    loss(f"cross_entropy-weighted-{reduction}", "cross_entropy", {**r, "weight": WEIGHTS},
         {"logits": logits(), "labels": labels},
         lambda logits, labels: F.cross_entropy(logits, labels, torch.tensor(WEIGHTS), reduction=reduction))
    loss(f"cross_entropy-weighted-smooth-{reduction}", "cross_entropy",
         {**r, "weight": WEIGHTS, "label_smoothing": 0.2},
         {"logits": logits(), "labels": labels},
         lambda logits, labels: F.cross_entropy(
             logits, labels, torch.tensor(WEIGHTS), reduction=reduction, label_smoothing=0.2))
    loss(f"cross_entropy-weighted-ignored-{reduction}", "cross_entropy", {**r, "weight": WEIGHTS, "ignore_index": 1},
         {"logits": logits(), "labels": labels},
         lambda logits, labels: F.cross_entropy(
             logits, labels, torch.tensor(WEIGHTS), reduction=reduction, ignore_index=1))
    loss(f"cross_entropy-weighted-soft-{reduction}", "cross_entropy",
         {**r, "weight": WEIGHTS, "label_smoothing": 0.1},
         {"logits": logits(), "target": (torch.softmax(torch.randn(N, C), -1), True)},
         lambda logits, target: F.cross_entropy(
             logits, target, torch.tensor(WEIGHTS), reduction=reduction, label_smoothing=0.1))
    for pos_weight in ([3.0], WEIGHTS):
        loss(f"bce-pos_weight-{len(pos_weight)}-{reduction}", "bce_with_logits", {**r, "pos_weight": pos_weight},
             {"logits": logits(3.0), "target": (torch.rand(N, C), True)},
             lambda logits, target: F.binary_cross_entropy_with_logits(
                 logits, target, pos_weight=torch.tensor(pos_weight), reduction=reduction))

    def sigmoid_focal(logits, target, alpha=0.25, gamma=2.0):
        p = torch.sigmoid(logits)
        ce = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
        q = p * target + (1 - p) * (1 - target)
        terms = ce * (1 - q) ** gamma
        if alpha >= 0:
            terms = (alpha * target + (1 - alpha) * (1 - target)) * terms
        return reduce(terms, reduction)

    note = {"note": "as torchvision.ops.sigmoid_focal_loss, written out"}
    loss(f"sigmoid_focal-{reduction}", "sigmoid_focal", {**r, **note},
         {"logits": logits(3.0), "target": (torch.randint(0, 2, (N, C)).double(), True)}, sigmoid_focal)
    loss(f"sigmoid_focal-no-alpha-{reduction}", "sigmoid_focal", {**r, "alpha": -1.0, "gamma": 1.5, **note},
         {"logits": logits(3.0), "target": (torch.rand(N, C), True)},
         lambda logits, target: sigmoid_focal(logits, target, -1.0, 1.5))

    def softmax_focal(logits, labels, alpha=None, gamma=2.0):
        log_q = F.log_softmax(logits, -1).gather(1, labels[:, None])[:, 0]
        terms = -((1 - log_q.exp()) ** gamma) * log_q
        if alpha is not None:
            terms = torch.tensor(alpha)[labels] * terms
        return reduce(terms, reduction)

    note = {"note": "Keras's CategoricalFocalCrossentropy, written out"}
    loss(f"softmax_focal-{reduction}", "softmax_focal", {**r, **note},
         {"logits": logits(), "labels": labels}, softmax_focal)
    loss(f"softmax_focal-alpha-{reduction}", "softmax_focal", {**r, "alpha": WEIGHTS, "gamma": 0.5, **note},
         {"logits": logits(), "labels": labels},
         lambda logits, labels: softmax_focal(logits, labels, WEIGHTS, 0.5))

    for p in (1, 2):
        note = {"note": "Keras's Hinge and SquaredHinge, written out"}
        loss(f"hinge-p{p}-{reduction}", "hinge", {**r, "p": p, "margin": 1.0, **note},
             {"prediction": (torch.randn(N, C), True), "target": (torch.randint(0, 2, (N, C)) * 2.0 - 1, False)},
             lambda prediction, target: reduce(torch.clamp(1 - target * prediction, min=0) ** p, reduction))
        loss(f"multi_margin-p{p}-{reduction}", "multi_margin", {**r, "p": p, "margin": 0.7},
             {"prediction": logits(1.0), "labels": labels},
             lambda prediction, labels: F.multi_margin_loss(prediction, labels, p, 0.7, reduction=reduction))
    loss(f"multi_margin-weighted-{reduction}", "multi_margin", {**r, "weight": WEIGHTS},
         {"prediction": logits(1.0), "labels": labels},
         lambda prediction, labels: F.multi_margin_loss(
             prediction, labels, weight=torch.tensor(WEIGHTS), reduction=reduction))

    embedding = lambda: (torch.randn(N, D), True)
    for margin in (0.0, 0.3):
        loss(f"cosine_embedding-{margin}-{reduction}", "cosine_embedding", {**r, "margin": margin},
             {"x1": embedding(), "x2": embedding(), "target": (SIGNS, False)},
             lambda x1, x2, target: F.cosine_embedding_loss(x1, x2, target, margin, reduction=reduction))
    for swap in (False, True):
        loss(f"triplet_margin-{'swap' if swap else 'plain'}-{reduction}", "triplet_margin",
             {**r, "margin": 1.5, "swap": swap},
             {"anchor": embedding(), "positive": embedding(), "negative": embedding()},
             lambda anchor, positive, negative: F.triplet_margin_loss(
                 anchor, positive, negative, 1.5, swap=swap, reduction=reduction))

    # PyTorch has time first; the cases have instances first, as everything here.
    steps, longest = 9, 4
    targets = torch.tensor([[1, 2, 2, 3], [3, 1, 4, 0], [2, 0, 0, 0]])
    for blank, shift in ((0, 0), (4, -1)):
        spelled = targets.clone()
        spelled[spelled > 0] += shift
        loss(f"ctc-blank{blank}-{reduction}", "ctc", {**r, "blank": blank, "zero_infinity": False},
             {"logits": (torch.randn(3, steps, 5), True), "labels": (spelled, False),
              "input_lengths": (torch.tensor([9, 6, 3]), False), "target_lengths": (torch.tensor([4, 3, 1]), False)},
             lambda logits, labels, input_lengths, target_lengths: F.ctc_loss(
                 F.log_softmax(logits, -1).transpose(0, 1), labels, input_lengths, target_lengths,
                 blank=blank, reduction=reduction))
    loss(f"ctc-zero_infinity-{reduction}", "ctc", {**r, "blank": 0, "zero_infinity": True},
         {"logits": (torch.randn(3, steps, 5), True), "labels": (targets, False),
          "input_lengths": (torch.tensor([4, 9, 5]), False), "target_lengths": (torch.tensor([4, 3, 0]), False)},
         lambda logits, labels, input_lengths, target_lengths: F.ctc_loss(
             F.log_softmax(logits, -1).transpose(0, 1), labels, input_lengths, target_lengths,
             reduction=reduction, zero_infinity=True))


def optimizer(name, attrs, make):
    """make: from a parameter to a function that makes one step by its gradient"""
    p = torch.randn(7).requires_grad_()
    case = {"name": name, "op": "optimizer", "attrs": attrs, "inputs": {"p": pack(p)}, "outputs": {},
            "upstream": {}, "grads": {}}
    step = make(p)
    for i in range(attrs["steps"]):
        p.grad = torch.randn(7)
        case["inputs"][f"g{i}"] = pack(p.grad)
        step()
        case["outputs"][f"p{i + 1}"] = pack(p)
    OPTIMIZERS.append(case)


def lion(p, lr, beta1, beta2, weight_decay):
    m = torch.zeros_like(p)

    def step():
        nonlocal m
        with torch.no_grad():
            change = torch.sign(beta1 * m + (1 - beta1) * p.grad) + weight_decay * p
            p.sub_(lr * change)
            m = beta2 * m + (1 - beta2) * p.grad
    return step


def lamb(p, lr, beta1, beta2, epsilon, weight_decay):
    m, v, t = torch.zeros_like(p), torch.zeros_like(p), 0

    def step():
        nonlocal m, v, t
        with torch.no_grad():
            t += 1
            m = beta1 * m + (1 - beta1) * p.grad
            v = beta2 * v + (1 - beta2) * p.grad ** 2
            u = m / (1 - beta1 ** t) / ((v / (1 - beta2 ** t)).sqrt() + epsilon) + weight_decay * p
            p.sub_(lr * (p.norm() / u.norm()) * u)
    return step


for decay in (0.0, 0.1):
    suffix = "-decay" if decay else ""
    betas = {"beta1": 0.9, "beta2": 0.99, "weight_decay": decay}
    optimizer("radam" + suffix, {"optimizer": "radam", "lr": 0.05, **betas, "epsilon": 1e-8, "steps": 12},
              lambda p: torch.optim.RAdam([p], 0.05, (0.9, 0.99), 1e-8, decay).step)
    optimizer("adamax" + suffix, {"optimizer": "adamax", "lr": 0.05, **betas, "epsilon": 1e-8, "steps": 5},
              lambda p: torch.optim.Adamax([p], 0.05, (0.9, 0.99), 1e-8, decay).step)
    optimizer("lion" + suffix,
              {"optimizer": "lion", "lr": 0.05, **betas, "steps": 6, "note": "Chen et al., 2023, written out"},
              lambda p: lion(p, 0.05, 0.9, 0.99, decay))
    optimizer("lamb" + suffix,
              {"optimizer": "lamb", "lr": 0.05, **betas, "epsilon": 1e-6, "steps": 6,
               "note": "You et al., 2020, written out"},
              lambda p: lamb(p, 0.05, 0.9, 0.99, 1e-6, decay))


def schedule(name, attrs, make, steps=40):
    o = torch.optim.SGD([torch.zeros(1, requires_grad=True)], attrs["base_lr"])
    s = make(o)
    rates = []
    for _ in range(steps):
        rates.append(o.param_groups[0]["lr"])
        o.step()
        s.step()
    SCHEDULES.append({"name": name, "op": "schedule", "attrs": {**attrs, "steps": steps}, "inputs": {},
                      "outputs": {"lr": pack(torch.tensor(rates))}, "upstream": {}, "grads": {}})


lrs = torch.optim.lr_scheduler
for t_mult in (1, 2, 3):
    schedule(f"cosine-restarts-{t_mult}",
             {"schedule": "cosine_restarts", "base_lr": 0.4, "min_lr": 0.01, "t_0": 5, "t_mult": t_mult},
             lambda o: lrs.CosineAnnealingWarmRestarts(o, 5, t_mult, 0.01))
for power in (1.0, 2.0, 0.5):
    schedule(f"polynomial-{power}",
             {"schedule": "polynomial", "base_lr": 0.4, "total_steps": 24, "power": power},
             lambda o: lrs.PolynomialLR(o, 24, power))
schedule("multi-step", {"schedule": "multi_step", "base_lr": 0.4, "milestones": [3, 11, 30], "gamma": 0.2},
         lambda o: lrs.MultiStepLR(o, [3, 11, 30], 0.2))
schedule("linear-then-cosine",
         {"schedule": "linear_then_cosine", "base_lr": 0.4, "start_factor": 0.1, "warmup_steps": 8, "min_lr": 0.01,
          "cosine_steps": 32},
         lambda o: lrs.SequentialLR(
             o, [lrs.LinearLR(o, 0.1, total_iters=8), lrs.CosineAnnealingLR(o, 32, 0.01)], [8]))
schedule("inverse-square-root",
         {"schedule": "inverse_square_root", "base_lr": 0.4, "warmup_steps": 8,
          "note": "Vaswani et al., 2017, scaled to the base rate at the end of the warm-up"},
         lambda o: lrs.LambdaLR(o, lambda t: min(t / 8, math.sqrt(8 / max(t, 1)))))


def plateau(name, attrs, metrics, make):
    o = torch.optim.SGD([torch.zeros(1, requires_grad=True)], attrs["base_lr"])
    s = make(o)
    rates = []
    for metric in metrics:
        s.step(metric)
        rates.append(o.param_groups[0]["lr"])
    SCHEDULES.append({"name": name, "op": "reduce_on_plateau", "attrs": attrs,
                      "inputs": {"metric": pack(torch.tensor(metrics))},
                      "outputs": {"lr": pack(torch.tensor(rates))}, "upstream": {}, "grads": {}})


falling = [3.0, 2.0, 1.5, 1.6, 1.55, 1.52, 1.4, 1.41, 1.3999, 1.42, 1.43, 1.5, 1.5, 1.5, 1.5, 1.0, 1.1, 1.1, 1.1, 1.1,
           1.1, 1.1, 1.1, 1.1]
plateau("plateau-min", {"base_lr": 0.4, "factor": 0.5, "patience": 2}, falling,
        lambda o: lrs.ReduceLROnPlateau(o, factor=0.5, patience=2))
plateau("plateau-max-cooldown",
        {"base_lr": 0.4, "factor": 0.2, "patience": 1, "cooldown": 2, "min_lr": 0.01, "threshold": 0.05, "mode": "max"},
        [10 - 2 * m for m in falling],
        lambda o: lrs.ReduceLROnPlateau(
            o, mode="max", factor=0.2, patience=1, cooldown=2, min_lr=0.01, threshold=0.05))

for file, cases in (("more-losses", LOSSES), ("more-optimizers", OPTIMIZERS), ("more-schedules", SCHEDULES)):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), file + ".json")
    with open(path, "w") as out:
        source = f"PyTorch {torch.__version__}, float64, more-losses-and-optimizers.py"
        out.write('{"source":' + json.dumps(source) + ',"seed":' + str(SEED) + ',"cases":[\n')
        out.write(",\n".join(json.dumps(case, separators=(",", ":")) for case in cases))
        out.write("\n]}\n")
    print(file, len(cases))
