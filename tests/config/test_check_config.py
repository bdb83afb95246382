"""Every mistake in `mlci.yaml`, with its line and the right name."""

import pytest

from mlci.config.check import check
from mlci.config.models import MetricLimits
from mlci.errors import ConfigError, UsageError

GOOD = b"""version: 1
code: {pytest: [tests, -m, not training], coverage: {total: 90, max-drop: 0.1}}
data:
  tags:
    path: data/tags.csv
    expect:
      - expect_column_values_to_be_unique: {column: id}
      - expect_column_values_to_not_be_null: {column: tag, mostly: 0.99, severity: warning}
model:
  topics:
    predict: topics.predict:predict_batch
    evaluate: {data: data/holdout.csv, input: text, label: tag, id: id}
    metrics: {accuracy: {min: 0.80, max-drop: 1%}}
metrics:
  performance.json: {overall.f1: {min: 0.8, max-drop: 0.02, direction: higher}}
baseline: {store: file}
"""


def test_a_whole_configuration_is_read():
    config, lines = check(GOOD, "mlci.yaml")
    assert config.code.pytest == ("tests", "-m", "not training")
    assert config.data["tags"].expect[1] == {
        "expect_column_values_to_not_be_null": {"column": "tag", "mostly": 0.99, "severity": "warning"}
    }
    assert config.model["topics"].metrics["accuracy"] == MetricLimits(min=0.80, max_drop="1%")
    assert lines["data", "tags", "expect", 1] == 8


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "mlci.yaml: is empty"),
        ("- a", "mlci.yaml:1: must be a mapping"),
        ("a: [", "mlci.yaml:1: not YAML"),
        ("version: 1", "mlci.yaml:1: names no gate"),
        ("code: {}", "mlci.yaml:1 version: this key is needed"),
        ("version: 2\ncode: {}", "mlci.yaml:1 version: must be 1"),
        ("version: 1\ncode: {}\nbaseline: {store: fle}", "mlci.yaml:3 baseline.store: must be "),
        ("version: 1\ncode: {}\nbaseline: {store: []}", "baseline.store: names no store"),
        ("version: 1\ncode: {}\nbaseline: {store: [file, file]}", "baseline.store: names a store twice"),
        ("version: 1\ncode: {}\nbaseline: {store: folder}", "baseline: needs `folder`. Write `folder: ../baselines`."),
        ("version: 1\ncode: {}\nbaseline: {store: bucket}", "baseline: needs `bucket`"),
        ("version: 1\ncode: {}\nbaseline: {bucket: a/b}", 'baseline.bucket: must be a URL such as "s3://'),
        ("version: 1\ncode: {}\nbaseline: {bucket: 's3://id:key@b/x'}", "baseline.bucket: must not hold a password"),
        (
            "version: 1\ncode: {}\nbaseline: {bucket: {url: 's3://b', options: {secret: x}}}",
            "baseline.bucket.options.secret: may be a secret. It comes from the environment.",
        ),
        (
            "version: 1\ncode: {}\nbaseline: {branch: {nme: x}}",
            'baseline.branch.nme: unknown key, did you mean "name"?',
        ),
        ("version: 1\ncode: {}\nbaseline: {branch: '-f'}", 'baseline.branch: is no name of a branch: "-f"'),
        ("version: 1\ncode: {}\nbaseline: {keep: 0}", "baseline.keep: must be at least 1"),
        ("version: 1\ncode: {}\nbaseline: {dvc: {metrics: {a: b}}}", 'must be "file:path.of.number", not "b"'),
        (
            "version: 1\nmodel: {m: {predict: 'a:b', behaviour: [s], behaviour-max-drop: 2}}",
            "model.m.behaviour-max-drop: must be between 0 and 1",
        ),
        ("version: 1\ncode: {pytst: [a]}", 'mlci.yaml:2 code.pytst: unknown key, did you mean "pytest"?'),
        ("version: 1\ndta: {}\ncode: {}", 'mlci.yaml:2 dta: unknown key, did you mean "data"?'),
        ("version: 1\ncode: {zzz: 1}", "Known here: pytest, source, coverage"),
        ("version: 1\ncode: {timeout: '5'}", "mlci.yaml:2 code.timeout: must be a number"),
        ("version: 1\ncode: {timeout: true}", "mlci.yaml:2 code.timeout: must be a number"),
        ("version: 1\ncode: {pytest: tests}", "mlci.yaml:2 code.pytest: must be a list"),
        ("version: 1\ncode: {coverage: {total: 900}}", "code.coverage.total: must be between 0 and 100"),
        ("version: 1\ndata: {t: {pth: a}}", 'data.t.pth: unknown key, did you mean "path"?'),
        ("version: 1\ndata: {t: {}}", "mlci.yaml:2 data.t.path: is empty. Name the file"),
        (
            "version: 1\ndata:\n  t:\n    path: a.csv\n    expect:\n      - expect_column_to_exis: {column: a}",
            'mlci.yaml:6 data.t.expect[0].expect_column_to_exis: unknown expectation "expect_column_to_exis"',
        ),
        (
            "version: 1\ndata:\n  t:\n    path: a.csv\n    expect:\n      - expect_column_to_exist: {colum: a}",
            'did you mean "column"?',
        ),
        ("version: 1\nmodel: {m: {}}", "model.m: needs one of `predict`, `artifact`, `url` and `predictions`"),
        ("version: 1\nmodel: {m: {predict: nope}}", "model.m.predict: must be module:function"),
        (
            "version: 1\nmodel:\n  m:\n    predict: a:b\n    evaluate: {data: d.csv}\n    metrics: {acuracy: {}}",
            'mlci.yaml:6 model.m.metrics.acuracy: unknown metric, did you mean "accuracy"?',
        ),
        ("version: 1\nmodel: {m: {predict: a:b, metrics: {accuracy: {}}}}", "model.m: needs `evaluate`"),
        ("version: 1\nmetrics: {a.json: {x: {max-drop: 1}}}", "has `max-drop` and no `direction`"),
        ("version: 1\nmetrics: {a.json: {x: {min: 2, max: 1}}}", "`min` (2) is above `max` (1)"),
        ("version: 1\nmetrics: {a.json: {x: {max-drop: few, direction: higher}}}", 'such as "2%", not "few"'),
        ("version: 1\nmetrics: {a.json: {x: {max-drop: -1, direction: higher}}}", "must not be negative"),
        ("version: 1\nmetrics: {a.json: {}}", "metrics.a.json: names no number"),
        ("version: 1\nmetrics: {a.json: {x: {min: .nan}}}", "metrics.a.json.x.min: must be a finite number"),
        (
            "version: 1\nmetrics: {a.json: {x: {max-drop: .inf, direction: higher}}}",
            "max-drop: must be a finite number",
        ),
        ("version: 1\nmodel: {m: {predict: a:b, memory: lots}}", 'model.m.memory: must be a size such as "4GB"'),
        ("version: 1\nmodel: {m: {predict: a:b, timeout: -1}}", "model.m.timeout: must be above 0"),
        (
            "version: 1\nmodel: {m: {predict: a:b, evaluate: {data: d.csv}, slice-metrics: {accuracy: {min: 1}}}}",
            "model.m.slice-metrics: needs `slices`",
        ),
        ("version: 1\ndata: {t: {path: a.csv, delimiter: ''}}", "data.t.delimiter: must be one plain character"),
        ("version: 1\ndata: {t: {path: a.csv, delimiter: '||'}}", "data.t.delimiter: must be one plain character"),
        ("version: 1\ndata: {t: {path: a.csv, encoding: utf-99}}", 'data.t.encoding: there is no encoding "utf-99"'),
        ("version: 1\ndata: {t: {path: a.csv, order-by: [a]}}", "data.t.order-by: is for `sql` and `spark`"),
        (
            "version: 1\ndata: {t: {loader: a:b, diff: {max-removed: 1}}}",
            "data.t.diff.max-removed: is for files with rows",
        ),
        (
            "version: 1\ndata: {t: {path: s3://b/a.csv, diff: {same-columns: true}}}",
            "t.diff.same-columns: is for files",
        ),
        ("version: 1\ndata: {t: {loader: a:b, types: {a: text}}}", "data.t.types: is for files"),
        (
            "version: 1\ndata: {t: {path: a.csv, foreign-keys: [{columns: a, asset: t}]}}",
            "data.t.foreign-keys[0].asset: is the asset itself",
        ),
        (
            "version: 1\ndata: {t: {path: a, expect: [expect_table_row_count_to_equal_other_table: {other_table_name: t}]}}",
            "other_table_name: is the asset itself",
        ),
        *(
            (
                f"version: 1\nmodel:\n  m:\n    predict: a:b\n    evaluate: {{data: d.csv}}\n    metrics: {{{entry}}}",
                says,
            )
            for entry, says in (
                ("accuracy: {k: 3}", 'the metric "accuracy" has no setting "k"'),
                ("ndcg: {k: 3}", "model.m.metrics.ndcg: needs the group of each example"),
                ("top: {metric: ndgc}", 'model.m.metrics.top.metric: unknown metric, did you mean "ndcg"?'),
                ("f1: {metric: accuracy}", '"f1" is a built-in metric'),
                ("mine: {function: 'a:b', k: 3}", "k: is for a built-in metric"),
                ("mean_pinball_loss: {alpha: 1}", "alpha: must be between 0 and 1"),
                ("expected_calibration_error: {bins: 0}", "bins: must be at least 1"),
                ("accuracy: {settings: {k: 1}}", "settings: is for functions of your own"),
                (
                    "accuracy: {max-drop: 2}",
                    "mlci.yaml:6 model.m.metrics.accuracy.max-drop: is 2, and accuracy can get worse by 1 at most. Two of",
                ),
                ("brier_score: {max-drop: 1.5}", "is 1.5, and brier_score can get worse by 1 at most"),
                ("cohen_kappa: {max-drop: 5}", "is 5, and cohen_kappa can get worse by 2 at most"),
                ("mine: {metric: recall_macro, max-drop: 2}", "mine.max-drop: is 2, and recall_macro can"),
            )
        ),
        (
            "version: 1\nmodel: {m: {predict: a:b, evaluate: {data: d}, slices: {a: b}, slice-metrics: {f1: {max-drop: 5}}}}",
            "model.m.slice-metrics.f1.max-drop: is 5, and f1 can get worse by 1 at most",
        ),
        (
            """version: 1
model: {m: {predict: a:b, evaluate: {data: d}, fairness: {by: [a], metrics: {equalized_odds_ratio: {max-drop: 2}}}}}""",
            "equalized_odds_ratio.max-drop: is 2, and equalized_odds_ratio can get worse by 1 at most",
        ),
        ("version: 1\nfalse-alarm-rate: 5\ncode: {}", "mlci.yaml:2 false-alarm-rate: must be between 0 and 1"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_the_right_name(text, says):
    with pytest.raises(UsageError) as caught:
        check(text.encode(), "mlci.yaml")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "entry",
    [
        "accuracy: {max-drop: 1}",
        "accuracy: {max-drop: 200%}",
        "cohen_kappa: {max-drop: 2}",
        "log_loss: {max-drop: 2}",
        "r2: {max-drop: 30}",
        "root_mean_squared_error: {max-drop: 500}",
        "mine: {function: 'a:b', direction: lower, max-drop: 9}",
    ],
)
def test_a_large_drop_is_left_to_metrics_that_may_have_it(entry):
    text = f"version: 1\nmodel: {{m: {{predict: a:b, evaluate: {{data: d.csv}}, metrics: {{{entry}}}}}}}"
    check(text.encode(), "mlci.yaml")


def test_every_mistake_is_listed_at_once_in_the_order_of_the_lines():
    text = b"version: 1\ncode: {pytst: [a], timeout: x}\ndta: 1\n"
    with pytest.raises(ConfigError) as caught:
        check(text, "mlci.yaml")
    assert [problem.where.line for problem in caught.value.problems] == [2, 2, 3]
