"""The words of generated pages, in both languages."""

from typing import Any

__all__ = ["WORDS"]

WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "english": "",
        "curve": "{name} (solid) and its derivative (dashed)",
        "parameters": "Parameters and their defaults",
        "paper": "Paper",
        "facts": "Facts",
        "definition": "definition, of the gate g and the value v",
        "by_gate": "derivative by the gate",
        "by_value": "derivative by the value",
        "gate_columns": "of what|formula",
        "fact_columns": "fact|value|known by",
        "dialects": "What others call it",
        "dialect_columns": "framework|names there (and parameters where they differ)",
        "none": "–",
        "accuracy": "Accuracy",
        "accuracy_says": "The largest error found, in units in the last place, with the widest "
        "instruction set measured. [Accuracy](../accuracy.md) says on which inputs.",
        "accuracy_columns": "result|nonlin|NumPy|SciPy|PyTorch|JAX",
        "speed": "Speed",
        "speed_says": "Nanoseconds an element, in cache (32,768 elements), one thread, on one "
        "machine. [Speed](../performance.md) has every contender, with intervals.",
        "speed_columns": "result|nonlin|fastest of the others",
        "unmeasured": "Not measured.",
    },
    "ko": {
        "english": "\n:::{note}\n이 쪽은 영어로만 있습니다.\n:::\n",
        "curve": "{name} 함수(실선)와 도함수(점선)",
        "parameters": "매개변수와 기본값",
        "paper": "논문",
        "facts": "성질",
        "definition": "정의(게이트 g와 값 v)",
        "by_gate": "게이트에 대한 도함수",
        "by_value": "값에 대한 도함수",
        "gate_columns": "무엇의|식",
        "fact_columns": "성질|값|근거",
        "dialects": "다른 프레임워크에서 부르는 이름",
        "dialect_columns": "프레임워크|그곳의 이름(매개변수가 다르면 함께)",
        "none": "–",
        "accuracy": "정확도",
        "accuracy_says": "측정한 가장 넓은 명령어 집합에서 찾은 가장 큰 오차이며, "
        "단위는 마지막 자리(ULP)입니다. 입력은 [정확도](../accuracy.md)에 있습니다.",
        "accuracy_columns": "결과|nonlin|NumPy|SciPy|PyTorch|JAX",
        "speed": "속도",
        "speed_says": "캐시 안(원소 32,768개)에서 스레드 하나로 잰 원소당 나노초이며, "
        "한 컴퓨터에서 잰 값입니다. 모든 비교 대상과 구간은 [속도](../performance.md)에 있습니다.",
        "speed_columns": "결과|nonlin|나머지 가운데 가장 빠른 것",
        "unmeasured": "측정하지 않았습니다.",
    },
}
