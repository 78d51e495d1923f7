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
