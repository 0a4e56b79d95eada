import numpy as np


def accuracy_score(y_true, y_pred):
    return float((np.asarray(y_true) == np.asarray(y_pred)).mean())


def mean_squared_error(y_true, y_pred):
    return float(((np.asarray(y_true) - np.asarray(y_pred)) ** 2).mean())


def confusion_matrix(y_true, y_pred):
    found = np.zeros((2, 2), dtype=int)
    for true, predicted in zip(y_true, y_pred):
        found[int(true), int(predicted)] += 1
    return found
