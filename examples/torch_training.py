"""Train a network of torch on normalized batches, and serve it with the version that it was trained with.

Run: python3 torch_training.py [URL], the service's address being http://localhost:8080 unless given.
Needs: pip install ./clients/python torch
"""

import sys

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset, default_collate

from norma import Client, PartitionTransform, to_torch

client = Client(sys.argv[1] if len(sys.argv) > 1 else None)
torch.manual_seed(0)

# The data set: what is learned from it is stored once, as a version that never changes.
random = np.random.default_rng(0)
X = random.normal([10, -3, 1000], [2, 0.5, 10], (2000, 3)).astype("float32")
y = ((X[:, 0] - 10) / 2 + (X[:, 2] - 1000) / 10 > 0).astype("float32")
version = client.store("torch-example", X, "zscore", breaking=True).version

# Every batch is normalized by that version while it is put together, in as many workers as the loader has.
normalize = PartitionTransform(client, "torch-example", {"version": version})


def collate(samples):
    batch, labels = default_collate(samples)
    return torch.from_numpy(normalize(batch.numpy())), labels


loader = DataLoader(TensorDataset(torch.from_numpy(X), torch.from_numpy(y)), 250, shuffle=True, collate_fn=collate)
network = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1), torch.nn.Flatten(0))
optimizer = torch.optim.Adam(network.parameters(), 0.02)
for _ in range(10):
    for batch, labels in loader:
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(network(batch), labels).backward()
        optimizer.step()

# Serving: the same version as a layer in front of the network, so that the model takes raw rows and needs no service.
served = torch.nn.Sequential(to_torch(client.load("torch-example", version)), network).eval()
with torch.no_grad():
    rows = torch.from_numpy(X)
    by_layer = served(rows)
    by_service = network(torch.from_numpy(normalize(X)))
    print("right", round(((by_layer > 0) == (torch.from_numpy(y) > 0)).float().mean().item(), 2))
    print("the layer and the service agree", torch.allclose(by_layer, by_service, atol=1e-4))
