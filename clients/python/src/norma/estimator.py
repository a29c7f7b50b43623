"""The service as an estimator of scikit-learn."""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

from norma.client import Client
from norma.fitted import Fitted

#: Arguments of the constructor that are no options of a method.
_OWN = frozenset({"method", "url", "name", "api_key", "breaking"})


class NormaScaler(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A normalizer of the service, as a transformer of scikit-learn.

    Parameters
    ----------
    method : str
        ``zscore``, ``minmax``, ``robust``, ...: see ``Client.methods``.
    url : str, optional
        The service's address. Default: NORMA_URL, or http://localhost:8080.
    name : str, optional
        Under which ``fit`` stores a version, which then transforms. Without it the estimator keeps the fitted document
        and sends it along, which suits small ones.
    api_key : str, optional
        Default: NORMA_API_KEY, which keeps it out of what is pickled and printed.
    breaking : bool
        Whether a refit under the same name may take other columns than the version before.
    **options
        The method's: ``feature_range``, ``axis``, ``nan_policy``, ...

    Attributes
    ----------
    fitted_ : Fitted
        What was learned.
    version_ : int or None
        The stored version, where there is a name.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where the data had names.

    Notes
    -----
    Parameters of samples, such as the norms of ``method="norm"``, belong to the batch they came from, so that
    ``inverse_transform`` needs a method that learns from the data set. ``Client.normalize`` returns them.

    Examples
    --------
    >>> scaler = NormaScaler("minmax", feature_range=(-1, 1), name="readings")   # doctest: +SKIP
    >>> scaler.fit_transform(X)                                                  # doctest: +SKIP
    """

    def __init__(
        self,
        method: str = "zscore",
        *,
        url: str | None = None,
        name: str | None = None,
        api_key: str | None = None,
        breaking: bool = False,
        **options: Any,
    ) -> None:
        self.method = method
        self.url = url
        self.name = name
        self.api_key = api_key
        self.breaking = breaking
        for option, value in options.items():
            setattr(self, option, value)

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> NormaScaler:
        """Learns from X, and stores a version if there is a name.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n_samples, n_features)
        y : ignored
        sample_weight : array-like of shape (n_samples,), optional
        """
        data = self._checked(X, reset=True)
        if self.name is None:
            self.fitted_ = self._learn(data, sample_weight)
            self.version_ = None
        else:
            stored = self._client.store(
                self.name, data, self._normalizer, sample_weight=sample_weight, breaking=self.breaking
            )
            self.fitted_, self.version_ = stored.fitted, stored.version
        return self

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> NormaScaler:
        """Learns from one more part of the data, as if all parts had come at once.

        Nothing is stored before ``store``.

        Parameters
        ----------
        X, y, sample_weight
            As for ``fit``.

        Raises
        ------
        InvalidRequestError
            If the method has to see all data at once.
        """
        first = not hasattr(self, "fitted_")
        data = self._checked(X, reset=first)
        part = self._learn(data, sample_weight)
        self.fitted_ = part if first else self._client.merge([self.fitted_, part])
        self.version_ = None
        return self

    def store(self) -> int:
        """Stores what was learned in parts as a version of ``name``, which transforms from now on."""
        check_is_fitted(self, "fitted_")
        if self.name is None:
            raise ValueError("There is no name to store it under: set_params(name=...).")
        self.version_ = self._client.store(self.name, fitted=self.fitted_, breaking=self.breaking).version
        assert self.version_ is not None
        return self.version_

    def transform(self, X: Any) -> Any:
        """X, normalized.

        Returns
        -------
        ndarray of shape (n_samples, n_features_out)
            As ``set_output`` says. Columns of text are passed through.
        """
        check_is_fitted(self, "fitted_")
        data = self._checked(X, reset=False)
        return self._contained(self._client.transform(data, self._by, version=self.version_))

    def inverse_transform(self, X: Any) -> Any:
        """X in its own units again.

        Raises
        ------
        ValueError
            If the method has no inverse, or has one for the batch alone that it came with.
        """
        check_is_fitted(self, "fitted_")
        if self.fitted_.scope != "dataset":
            raise ValueError(
                f"{self.method} learns from each sample, and what it learned belongs to that batch: "
                "use Client.normalize and Client.inverse_transform."
            )
        data = X if hasattr(X, "columns") else np.asarray(X)
        return self._contained(self._client.inverse_transform(data, self._by, version=self.version_))

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """The names of the columns that come out.

        Parameters
        ----------
        input_features : array-like of str, optional
            Names of the columns that go in, where the fit had none.
        """
        check_is_fitted(self, "fitted_")
        names = _check_feature_names_in(self, input_features)
        empty = np.empty((0, self.n_features_in_))
        if hasattr(self, "feature_names_in_"):
            import pandas as pd

            empty = pd.DataFrame(empty, columns=names)
        # No rows in, no rows out: but the columns are there.
        out = self._client.transform(empty, self._by, version=self.version_)
        if hasattr(out, "columns"):
            return np.asarray(out.columns, dtype=object)
        if out.shape[1] == len(names):
            return names
        return np.asarray([f"{self.method}{index}" for index in range(out.shape[1])], dtype=object)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The method, its options, and where the service is."""
        params: dict[str, Any] = super().get_params(deep)
        return {**params, **self._options}

    def set_params(self, **params: Any) -> NormaScaler:
        """Changes parameters; the service tells of an option that the method does not have."""
        super().set_params(**{name: value for name, value in params.items() if name in _OWN})
        for name, value in params.items():
            if name not in _OWN:
                setattr(self, name, value)
        return self

    def _learn(self, data: Any, sample_weight: Any) -> Fitted:
        return self._client.fit(data, self._normalizer, sample_weight=sample_weight, statistics=False).fitted

    @property
    def _options(self) -> dict[str, Any]:
        given = vars(self).items()
        return {
            name: value
            for name, value in given
            if name not in _OWN and not name.startswith("_") and not name.endswith("_")
        }

    @property
    def _normalizer(self) -> Mapping[str, Any]:
        return {"method": self.method, **self._options}

    @property
    def _by(self) -> Fitted | str:
        return self.fitted_ if self.version_ is None or self.name is None else self.name

    @property
    def _client(self) -> Client:
        return client_of(self.url, self.api_key)

    def _checked(self, X: Any, *, reset: bool) -> Any:
        """X with the columns counted and named as scikit-learn does; a frame stays one, whatever it holds."""
        if hasattr(X, "columns") and hasattr(X, "__dataframe__"):
            validate_data(self, X, reset=reset, skip_check_array=True)
            return X
        finite = "allow-nan" if self._allows_nan else True
        return validate_data(self, X, reset=reset, dtype="numeric", ensure_all_finite=finite)

    def _contained(self, data: Any) -> Any:
        """A frame as the array that transformers return, unless ``set_output`` asks for another container."""
        wanted = _get_output_config("transform", self)["dense"]
        return data.to_numpy() if hasattr(data, "to_numpy") and wanted == "default" else data

    @property
    def _allows_nan(self) -> bool:
        return bool(self._options.get("nan_policy", "raise") != "raise")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._allows_nan
        tags.transformer_tags.preserves_dtype = ["float64", "float32", "float16"]
        return tags


#: By process, address and key.
_clients: dict[tuple[int, str | None, str | None], Client] = {}


def client_of(url: str | None, api_key: str | None) -> Client:
    """A client that estimators of the same service share: its connections outlive them."""
    # A forked process must not read from its parent's connections.
    key = (os.getpid(), url or os.environ.get("NORMA_URL"), api_key or os.environ.get("NORMA_API_KEY"))
    if key not in _clients:
        _clients[key] = Client(key[1], api_key=key[2])
        atexit.register(_clients[key].close)
    return _clients[key]
