"""Train a model of keras on normalized data, and save it with the version that it was trained with.

Run: python3 keras_training.py [URL], the service's address being http://localhost:8080 unless given.
Needs: pip install ./clients/python keras, and one of keras' backends
"""

import sys
import tempfile
from pathlib import Path

import keras
import numpy as np

from norma import Client, to_keras

client = Client(sys.argv[1] if len(sys.argv) > 1 else None)
keras.utils.set_random_seed(0)

# The data set: what is learned from it is stored once, as a version that never changes.
random = np.random.default_rng(0)
X = random.normal([10, -3, 1000], [2, 0.5, 10], (2000, 3)).astype("float32")
y = ((X[:, 0] - 10) / 2 + (X[:, 2] - 1000) / 10 > 0).astype("float32")
version = client.store("keras-example", X, "zscore", breaking=True).version

# Train on what the service normalizes: once, before the first epoch.
network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1, "sigmoid")])
network.compile(keras.optimizers.Adam(0.02), "binary_crossentropy")
network.fit(client.transform(X, "keras-example", version=version), y, batch_size=250, epochs=10, verbose=0)

# Save the same version as the first layer: the model takes raw rows wherever it is loaded, and needs no service.
model = keras.Sequential([keras.Input((3,)), to_keras(client.load("keras-example", version)), network])
with tempfile.TemporaryDirectory() as folder:
    model.save(Path(folder) / "model.keras")
    served = keras.models.load_model(Path(folder) / "model.keras")
by_service = network.predict(client.transform(X, "keras-example"), verbose=0)
by_layer = served.predict(X, verbose=0)
print("right", round(float(((by_layer[:, 0] > 0.5) == (y > 0)).mean()), 2))
print("the layer and the service agree", np.allclose(by_layer, by_service, atol=1e-4))
