import os
import platform

import jsonschema

from nonlin.study.environment import environment
from nonlin.study.results import schema


def test_it_names_the_processor_and_nothing_that_is_the_machines_alone():
    found = environment(threads=1)
    jsonschema.validate(found, schema()["properties"]["environment"])
    assert 1 <= found["cores"] <= os.cpu_count()
    assert platform.node() not in str(found)


def test_the_processors_model_is_read_where_linux_keeps_it(monkeypatch, tmp_path):
    from nonlin.study import environment as module

    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\n\nmodel name\t: B\n")
    monkeypatch.setattr(module, "Path", lambda _: cpuinfo)
    monkeypatch.setattr(module.platform, "system", lambda: "Linux")
    assert module._processor() == "Some CPU @ 3 GHz"
    # Processors of other families have no such line.
    cpuinfo.write_text("processor\t: 0\nBogoMIPS\t: 50.00\n")
    assert module._processor() is None
