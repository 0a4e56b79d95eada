import numpy as np

from .tensor import Tensor, generator


class Module:
    training = True

    def __call__(self, *args):
        return self.forward(*args)

    def parameters(self):
        found = []
        for value in vars(self).values():
            if isinstance(value, Tensor) and value.requires_grad:
                found.append(value)
            elif isinstance(value, Module):
                found += value.parameters()
            elif isinstance(value, (list, tuple)):
                found += [p for one in value if isinstance(one, Module) for p in one.parameters()]
        return found

    def state_dict(self):
        return [p.data.copy() for p in self.parameters()]

    def load_state_dict(self, state):
        for p, data in zip(self.parameters(), state):
            p.data = data.copy()

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)


class Linear(Module):
    def __init__(self, n_in, n_out):
        self.weight = Tensor(generator[0].normal(size=(n_in, n_out)), requires_grad=True)
        self.bias = Tensor(np.zeros(n_out), requires_grad=True)

    def forward(self, x):
        return x @ self.weight + self.bias


class ReLU(Module):
    def forward(self, x):
        return x.relu()


class Sequential(Module):
    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class MSELoss(Module):
    def forward(self, predicted, wanted):
        return ((predicted - wanted) ** 2).mean()
