"""The API does what its own document says, whatever it is asked."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import response_schema_conformance

from nonlin.explorer import create_app
from nonlin.explorer.api import ENDPOINTS

APP = create_app(lang="en")
HOST = {"Host": "127.0.0.1"}
SCHEMA = schemathesis.openapi.from_asgi("/api/schema", APP, headers=HOST)
# Streams and files are tested where they are made.
JSON = SCHEMA.exclude(path_regex="^/api/(race/stream|export|examine/.*)$")

# Functions that jump, grow, oscillate, are constant, or have no integral.
FUNCTIONS = (
    "sigmoid", "elu(alpha=-1e6)", "celu(alpha=1e-6)", "leaky_relu(negative_slope=1e6)",
    "hard_tanh(min_val=3)", "hard_sigmoid(width=0)", "softplus(beta=1e6)", "silu(beta=-50)",
    "threshold(threshold=0.3,value=-1e6)", "squareplus(b=1e-6)", "gelu(approximate=tanh)",
    "torch:PReLU", "swish", "formula:x*0", "formula:sign(x)", "formula:sin(50*x)",
    "formula:exp(x)*1e90", "formula:1/x", "formula:x^64", "formula:abs(x)^0.1", "formula:atan(x)/7",
)  # fmt: skip


def test_every_endpoint_is_documented(ask):
    paths = ask("schema")["paths"]
    assert {each.path for each in ENDPOINTS} <= set(paths)
    assert {"/api/race/stream", "/api/race/{name}/control", "/api/export"} <= set(paths)
    for each in ENDPOINTS:
        documented = paths[each.path]["get"]
        names = [parameter["name"] for parameter in documented["parameters"]]
        assert names == [parameter.name for parameter in each.parameters]
        assert documented["summary"] == each.summary


@JSON.parametrize()
@JSON.given(f=st.none() | st.sampled_from(FUNCTIONS))
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_is_answered_with_an_accident(case, f):
    # A text at random is no function; what comes behind it needs one.
    if f is not None and "f" in case.query:
        case.query["f"] = [f]
    # The largest networks take seconds each, and are like the others.
    if case.path == "/api/network" and str(case.query.get("width", 256)).isdecimal():
        case.query["width"] = 64
    # A busy machine takes long, and answers.
    answer = case.call(headers=HOST, timeout=600)
    assert answer.status_code < 500, answer.text
    case.validate_response(answer, checks=[response_schema_conformance])
    if answer.status_code >= 400:
        assert list(answer.json()) == ["error"]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("address", ["curve", "propagation", "phase"])
def test_every_function_is_answered_or_refused(client, address, function):
    answer = client.get(f"/api/{address}", params={"f": function})
    assert answer.status_code in (200, 400, 422), answer.text


def test_the_table_of_the_page_s_state_keeps_its_bounds(ask):
    table = ask("views")
    assert list(table) == [
        "functions", "gates", "softmax", "depth", "time", "race", "study", "examine"
    ]  # fmt: skip
    for known in table.values():
        for name, record in known.items():
            if "enum" in record:
                assert record["default"] in (*record["enum"], ""), name
            slider = record.get("slider")
            if slider:
                low, high = record["minimum"], record["maximum"]
                ends = slider["minimum"], slider["maximum"]
                # JSON has no infinities: what is unbounded is a string.
                assert isinstance(low, str) or low <= ends[0] < ends[1] <= high, name
                assert ends[0] <= record["default"] <= ends[1], name
