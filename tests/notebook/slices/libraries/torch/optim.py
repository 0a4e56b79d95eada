class Optimizer:
    def __init__(self, params, lr=0.01):
        self.params, self.lr = list(params), lr

    def zero_grad(self):
        for p in self.params:
            p.grad = None


class SGD(Optimizer):
    def step(self):
        for p in self.params:
            if p.grad is not None:
                p.data = p.data - self.lr * p.grad


class Adam(SGD):
    pass


class StepLR:
    def __init__(self, optimizer, step_size=1, gamma=0.1):
        self.optimizer, self.gamma = optimizer, gamma

    def step(self):
        self.optimizer.lr *= self.gamma
