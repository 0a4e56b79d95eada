import numpy as np

generator = [np.random.default_rng(0)]


class Tensor:
    def __init__(self, data, parents=(), backward=None, requires_grad=False):
        self.data, self.parents, self._backward = data, parents, backward
        self.grad, self.requires_grad = None, requires_grad

    @property
    def shape(self):
        return self.data.shape

    def _add(self, gradient):
        while gradient.ndim > self.data.ndim:
            gradient = gradient.sum(axis=0)
        for axis, size in enumerate(self.data.shape):
            if size == 1 and gradient.shape[axis] != 1:
                gradient = gradient.sum(axis=axis, keepdims=True)
        self.grad = gradient if self.grad is None else self.grad + gradient

    def __add__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(np.asarray(other, dtype=float))
        return Tensor(self.data + other.data, (self, other), lambda g: (self._add(g), other._add(g)))

    def __sub__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(np.asarray(other, dtype=float))
        return Tensor(self.data - other.data, (self, other), lambda g: (self._add(g), other._add(-g)))

    def __mul__(self, other):
        other = other if isinstance(other, Tensor) else Tensor(np.asarray(other, dtype=float))
        return Tensor(
            self.data * other.data, (self, other), lambda g: (self._add(g * other.data), other._add(g * self.data))
        )

    __radd__, __rmul__ = __add__, __mul__

    def __pow__(self, n):
        return Tensor(self.data**n, (self,), lambda g: self._add(g * n * self.data ** (n - 1)))

    def __matmul__(self, other):
        return Tensor(
            self.data @ other.data, (self, other), lambda g: (self._add(g @ other.data.T), other._add(self.data.T @ g))
        )

    def __getitem__(self, at):
        return Tensor(self.data[at])

    def __len__(self):
        return len(self.data)

    def mean(self):
        n = self.data.size
        return Tensor(np.array(self.data.mean()), (self,), lambda g: self._add(np.full(self.data.shape, float(g) / n)))

    def sum(self):
        return Tensor(np.array(self.data.sum()), (self,), lambda g: self._add(np.full(self.data.shape, float(g))))

    def relu(self):
        return Tensor(self.data.clip(0), (self,), lambda g: self._add(g * (self.data > 0)))

    def item(self):
        return float(self.data)

    def numpy(self):
        return self.data

    def detach(self):
        return Tensor(self.data)

    def tolist(self):
        return self.data.tolist()

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = np.ones_like(self.data)
        for node in reversed(order):
            if node._backward is not None and node.grad is not None:
                node._backward(node.grad)
                if node is not self:
                    node.grad = None
