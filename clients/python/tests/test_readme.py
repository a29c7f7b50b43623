import re
from pathlib import Path

import numpy as np

import norma

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_first_lines_of_the_readme_work(url, capsys):
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    exec(code.replace("http://localhost:8080", url), {})
    mean, scaled, back = capsys.readouterr().out.splitlines()
    X = np.random.default_rng(0).normal([10, -3], [2, 0.5], (1000, 2))
    assert mean == str(X.mean(axis=0))
    assert re.fullmatch(r"\[ *-?0\. +-?0\.\] \[1\. 1\.\]", scaled)
    assert back == "True"


def test_the_readme_names_what_there_is():
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| `.*? \|", README, re.MULTILINE))))
    assert len(named) > 8
    assert named <= {*norma.__all__, "norma"}
