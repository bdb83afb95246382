"""A healthy convolutional classifier of token ids in PyTorch, and a planted bug for each training check."""

from functools import partial

import torch
from torch import nn
from torch.nn import functional

from mlci.testing.torch import training_of

torch.set_num_threads(1)
CLASSES, COUNT, LENGTH = 3, 24, 8
DRAW = torch.Generator().manual_seed(7)
TOKENS = torch.randint(1, 20, (COUNT, LENGTH), generator=DRAW)
LABELS = (TOKENS[:, 0] > 6).long() + (TOKENS[:, 0] > 13).long()
WIDE = torch.randn(60, 300, generator=DRAW)
TWO = torch.arange(60) % 2


class Stack(nn.Module):
    """Embeds tokens, runs a stack of convolutions over them, pools and classifies."""

    def __init__(self, classes=CLASSES):
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.embedding.weight.requires_grad_(False)
        self.convolutions = nn.ModuleList([nn.Conv1d(8, 8, 3, padding=1) for _ in range(3)])
        self.norm = nn.BatchNorm1d(8)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(8 * LENGTH, classes)

    def embedded(self, tokens):
        return self.embedding(tokens).transpose(1, 2)

    def stacked(self, x):
        for convolution in self.convolutions:
            x = functional.gelu(convolution(x))
        return x

    def forward(self, tokens):
        return self.head(self.dropout(self.norm(self.stacked(self.embedded(tokens))).flatten(1)))


def adam(module):
    return torch.optim.Adam(module.parameters(), 1e-2)


def training(model=Stack, optimizer=adam, **others):
    given = {"inputs": TOKENS, "targets": LABELS, "classes": CLASSES, **others}
    loss = given.pop("loss", nn.CrossEntropyLoss())
    return training_of(model, loss, optimizer, **given)


# --- what a healthy project gives beside the model --------------------------------------------------------------------


def fit(learner, data, validation, max_epochs, *, patience=3, better=min):
    history, best, waited = [], None, 0
    for _ in range(max_epochs):
        learner.module.train()
        learner.optimizer.zero_grad()
        functional.cross_entropy(learner.module(data[0]), data[1]).backward()
        learner.optimizer.step()
        learner.module.eval()
        with torch.no_grad():
            history.append(float(functional.cross_entropy(learner.module(validation[0]), validation[1])))
        if best is None or (better(history[-1], best) == history[-1] and history[-1] != best):
            best, waited = history[-1], 0
        else:
            waited += 1
        if waited >= patience:
            break
    return history


def never_worse(learner, data, validation, max_epochs):
    return fit(learner, data, validation, max_epochs, better=max)


def write(learner, folder):
    torch.save(learner.module.state_dict(), folder / "model.pt")
    (folder / "metrics.json").write_text('{"loss": 1}')


def write_nothing(learner, folder):
    torch.save(learner.module.state_dict(), folder / "model.pt")
    (folder / "metrics.json").touch()


def classified(inputs, targets, held_out):
    torch.manual_seed(0)
    module = nn.Linear(inputs.shape[1], 2)
    optimizer = torch.optim.Adam(module.parameters(), 0.05)
    for _ in range(30):
        optimizer.zero_grad()
        functional.cross_entropy(module(inputs), targets).backward()
        optimizer.step()
    return module(held_out).argmax(1)


def selected(inputs, targets):
    """The ten columns whose means differ most between the two labels."""
    apart = (inputs[targets == 1].mean(0) - inputs[targets == 0].mean(0)).abs()
    return apart.topk(10).indices


def experiment(inputs, targets, seed):
    order = torch.randperm(len(targets), generator=torch.Generator().manual_seed(seed))
    train, held_out = order[:30], order[30:]
    columns = selected(inputs[train], targets[train])
    return targets[held_out], classified(inputs[train][:, columns], targets[train], inputs[held_out][:, columns])


def leaking_experiment(inputs, targets, seed):
    return experiment(inputs[:, selected(inputs, targets)], targets, seed)


def prepare(inputs, held_out):
    mean, spread = inputs.mean(0), inputs.std(0)
    return (inputs - mean) / spread, (held_out - mean) / spread


def leaking_prepare(inputs, held_out):
    every = torch.cat([inputs, held_out])
    return (inputs - every.mean(0)) / every.std(0), (held_out - every.mean(0)) / every.std(0)


def on_wide(**others):
    return training(lambda: nn.Linear(300, 2), inputs=WIDE, targets=TWO, classes=2, **others)


def healthy(check):
    if check in ("shuffled_labels_are_chance", "preprocessing_sees_training_alone"):
        return on_wide(experiment=experiment, prepare=prepare)
    return training(fit=fit, write=write, artifacts=["model.pt", "*.json"], devices=lambda: ["cpu", "cpu:0"])


# --- planted bugs -----------------------------------------------------------------------------------------------------


class OneColumnAgainstNone(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(300, 1)

    def forward(self, x):
        return self.layer(x)  # (n, 1), where the targets are (n,)


class LogarithmOfZero(Stack):
    def forward(self, tokens):
        return torch.log(functional.relu(super().forward(tokens)))


class LargeWeights(Stack):
    def __init__(self):
        super().__init__()
        nn.init.normal_(self.head.weight, std=3)


class NothingOfTheInputs(Stack):
    def embedded(self, tokens):
        return super().embedded(tokens) * 0


class InPlace(Stack):
    def forward(self, tokens):
        return super().forward(tokens.clamp_(max=5))


class PlainList(Stack):
    """Keeps its convolutions where PyTorch does not see them."""

    def __init__(self):
        super().__init__()
        hidden = list(self.convolutions)
        del self.convolutions
        self.convolutions = hidden


class NotStacked(Stack):
    """Applies each convolution to the input in place of the one before: it forgets to stack them."""

    def stacked(self, x):
        for convolution in self.convolutions:
            out = functional.gelu(convolution(x))
        return out


class NotFrozen(Stack):
    def __init__(self):
        super().__init__()
        self.embedding.weight.requires_grad_(True)
        self.embedding.requires_grad = False  # a module has no such thing


class CentredOverTheBatch(Stack):
    def embedded(self, tokens):
        x = super().embedded(tokens)
        return x - x.mean(0)


class BatchTakenForTime(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.recurrent = nn.LSTM(8, 8)  # batch_first is missing
        self.head = nn.Linear(8, CLASSES)

    def forward(self, tokens):
        return self.head(self.recurrent(self.embedding(tokens))[0][:, -1])


class Squeezed(Stack):
    def forward(self, tokens):
        return super().forward(tokens).squeeze()


class DropoutLeftOn(Stack):
    def embedded(self, tokens):
        return functional.dropout(super().embedded(tokens), 0.3)


class OwnRandomness(Stack):
    def __init__(self):
        super().__init__()
        self.draw = torch.Generator()
        self.draw.seed()

    def embedded(self, tokens):
        x = super().embedded(tokens)
        return x + 0.1 * torch.randn(x.shape, generator=self.draw) if self.training else x


class ScaleBesideTheState(Stack):
    """Learns a scale as it goes and keeps it in a plain tensor, which no state has."""

    def __init__(self):
        super().__init__()
        self.scale = torch.ones(8, 1)

    def embedded(self, tokens):
        x = super().embedded(tokens)
        if self.training:
            self.scale = 0.5 * self.scale + 0.5 * x.detach().std((0, 2)).unsqueeze(1)
        return x / self.scale


def other_parameters(_module):
    return adam(Stack())


def shuffled_step(module, optimizer, inputs, targets):
    optimizer.zero_grad()
    loss = functional.cross_entropy(module(inputs), targets[torch.randperm(len(targets))])
    loss.backward()
    optimizer.step()
    return loss


def accumulating_step(module, optimizer, inputs, targets):
    loss = functional.cross_entropy(module(inputs), targets)
    loss.backward()  # zero_grad is missing
    optimizer.step()
    return loss


def save_module_alone(path, module, _optimizer):
    torch.save(module.state_dict(), path)


def load_module_alone(path, module, _optimizer):
    module.load_state_dict(torch.load(path))


def left_behind(learner, _device):
    """Stand in for a device that a part of the model does not reach: it is made anew there."""
    learner.module.head.reset_parameters()
    return learner


PLANTED = {
    "artifacts_written": lambda: training(write=write_nothing, artifacts=["model.pt", "*.json"]),
    "batch_order_does_not_matter": lambda: training(BatchTakenForTime),
    "devices_agree": lambda: training(devices=lambda: ["cpu", "other"], move=left_behind),
    "early_stopping_stops": lambda: training(fit=never_worse),
    "finite": lambda: training(LogarithmOfZero),
    "frozen_parameters_stay": lambda: training(NotFrozen, frozen=["embedding.*"]),
    "gradients_reach_every_parameter": lambda: training(NotStacked),
    "initial_loss": lambda: training(LargeWeights),
    "inputs_left_alone": lambda: training(InPlace),
    "learning_rate_in_bounds": lambda: training(
        scheduler=lambda optimizer: torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.1)
    ),
    "loss_falls": lambda: training(optimizer=other_parameters),
    "no_leak_across_a_batch": lambda: training(CentredOverTheBatch),
    "one_input_equals_a_batch": lambda: training(Squeezed),
    "output_shape": lambda: training(
        OneColumnAgainstNone, inputs=WIDE, targets=WIDE[:, 0], classes=None, loss=nn.MSELoss()
    ),
    "overfits_a_batch": lambda: training(step=shuffled_step, loss=None),
    "parameters_change": lambda: training(PlainList),
    "predictions_depend_on_inputs": lambda: training(NothingOfTheInputs),
    "predictions_repeat": lambda: training(DropoutLeftOn),
    "preprocessing_sees_training_alone": lambda: on_wide(prepare=leaking_prepare),
    "resumed_equals_uninterrupted": lambda: training(save=save_module_alone, load=load_module_alone),
    "same_seed_same_result": lambda: training(OwnRandomness),
    "saved_and_loaded_equal": lambda: training(ScaleBesideTheState),
    "shuffled_labels_are_chance": lambda: on_wide(experiment=leaking_experiment),
}
"""For each check a training with a bug that it must catch."""

MORE = [
    ("early_stopping_stops", lambda: training(fit=partial(fit, patience=4)), {"patience": 3}),
    ("saved_and_loaded_equal", lambda: training(PlainList)),
    ("parameters_change", lambda: training(NotStacked)),
    ("resumed_equals_uninterrupted", lambda: training(step=accumulating_step, loss=None)),
    ("initial_loss", lambda: training(loss=nn.CrossEntropyLoss(reduction="sum"))),
    ("initial_loss", lambda: training(lambda: Stack(10))),
    ("one_input_equals_a_batch", lambda: training(CentredOverTheBatch)),
    ("no_leak_across_a_batch", lambda: training(BatchTakenForTime)),
    ("output_shape", lambda: training(lambda: Stack(10))),
]
"""Further bugs."""

NOT_APPLICABLE = {}
