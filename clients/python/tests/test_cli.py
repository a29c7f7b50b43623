import json

import numpy as np
import pandas as pd
import pytest

from norma.cli.main import main
from norma.cli.tables import print_table


@pytest.fixture
def train(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal([10, -3], [2, 0.5], (90, 2)), columns=["age", "income"])
    frame["target"] = np.where(frame["age"] > 10, "old", "young")
    frame.to_parquet(tmp_path / "train.parquet")
    return tmp_path / "train.parquet"


@pytest.fixture
def norma(url, capsys):
    """Runs a command, and returns its exit code and what it printed."""

    def run(*arguments):
        code = main(["--url", url, *map(str, arguments)])
        return code, capsys.readouterr()

    return run


def test_fit_transform_and_back(norma, train, name, tmp_path):
    code, printed = norma("fit", train, "--name", name, "--method", "minmax", "--set", "feature_range=[-1,1]")
    assert code == 0 and printed.out.startswith(f"{name} version 1: minmax of 90 samples\n")
    assert printed.out.splitlines()[1].split() == ["column", "data_min", "data_max", "data_range", "scale", "min"]
    assert "warning: passed_through" in printed.err
    assert norma("transform", name, train, "-o", tmp_path / "out.parquet")[0] == 0
    out = pd.read_parquet(tmp_path / "out.parquet")
    assert (out["age"].min(), out["age"].max(), out["target"].nunique()) == (-1, 1, 2)
    assert norma("inverse", name, tmp_path / "out.parquet", "-o", tmp_path / "back.csv")[0] == 0
    back = pd.read_csv(tmp_path / "back.csv")
    np.testing.assert_allclose(back["income"], pd.read_parquet(train)["income"], rtol=1e-12)
    assert name in norma("list")[1].out


def test_a_fit_goes_to_a_file(norma, train, tmp_path):
    assert norma("fit", train, "--columns", "age", "-o", tmp_path / "fitted.json")[0] == 0
    assert json.loads((tmp_path / "fitted.json").read_text())["normalizer"]["columns"] == ["age"]


def test_describe_prints_a_line_for_each_column(norma, train):
    _, printed = norma("describe", train, "--quantiles", "0.5")
    head, age, income = printed.out.splitlines()
    assert head.split() == ["column", "count", "NaN", "zeros", "min", "q0.5", "max", "mean", "std", "skewness"]
    frame = pd.read_parquet(train)
    assert age.split()[:2] == ["age", "90"]
    assert float(income.split()[8]) == pytest.approx(frame["income"].std(), rel=1e-5)


def test_compare_recommends_and_opens_its_report(norma, train, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    code, printed = norma("compare", train, "--labels", "target", "-o", tmp_path / "report.html", "--open")
    assert code == 0 and "linear models" in printed.out and "zscore per feature" in printed.out
    assert opened == [(tmp_path / "report.html").as_uri()]
    assert "<svg" in (tmp_path / "report.html").read_text()


def test_drift_is_an_exit_code(norma, train, name, tmp_path):
    norma("fit", train, "--name", name)
    assert norma("drift", name, train)[0] == 0
    frame = pd.read_parquet(train)
    frame["age"] += 10
    frame.to_csv(tmp_path / "new.csv", index=False)
    code, printed = norma("drift", name, tmp_path / "new.csv")
    assert code == 3 and printed.out.endswith(f"{name} version 1: drifted\n")


def test_what_the_service_refuses_is_one_line(norma, train, name, tmp_path):
    code, printed = norma("transform", name, train, "-o", tmp_path / "out.csv")
    assert code == 1 and printed.err.startswith("norma: ") and "not_found" in printed.err
    code, printed = norma("transform", name, train, "-o", tmp_path / "out.txt")
    assert code == 1 and ".parquet" in printed.err
    code, printed = norma("fit", tmp_path / "nothing.csv")
    assert code == 1 and "nothing.csv" in printed.err


def test_a_wrong_command_line_is_exit_code_2(norma, train):
    with pytest.raises(SystemExit) as ended:
        norma("fit", train, "--set", "clip")
    assert ended.value.code == 2


def test_numbers_stand_to_the_right(capsys):
    print_table(["name", "value"], [["a", 1.5], ["bcdef", 10], ["g", None]])
    assert capsys.readouterr().out == "name   value\na        1.5\nbcdef     10\ng          -\n"
