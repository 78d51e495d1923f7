"""The document, statement by statement: where each stands, and which claims cover it.

A place is a section, a list of it and a number in that list, as a reader counts them; section 0 is
what stands before the first function. The seed of the document has lost its formulas, so a line
that consisted of one is covered by the claim about the textbook's form.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """One statement of the document.

    Parameters
    ----------
    section : 0 to 5, as the document numbers its functions.
    part : the list it stands in; "text" for what stands before the lists.
    number : its number there, from 1 on.
    quote : the document's words.
    claims : the claims that cover it, wholly or in part.
    reason : why no claim covers what is left of it, a message `study.reasons.<reason>`; empty where
        nothing is left.
    """

    section: int
    part: str
    number: int
    quote: str
    claims: tuple[str, ...] = ()
    reason: str = ""

    @property
    def name(self) -> str:
        """Such as "1 weaknesses 2"."""
        return f"{self.section} {self.part} {self.number}"


def _list(section: int, part: str, *entries: tuple[str, str, str]) -> list[Place]:
    return [
        Place(section, part, number, quote, tuple(claims.split()), reason)
        for number, (quote, claims, reason) in enumerate(entries, 1)
    ]


PLACES: tuple[Place, ...] = (
    *_list(
        0,
        "text",
        (
            "활성화 함수는 신경망의 각 뉴런에서 입력 신호의 가중합을 받아 "
            "최종 출력을 결정하는 비선형 함수이다.",
            "",
            "definition",
        ),
        ("활성화 함수가 없으면 다층 신경망도 결국 선형 변환의 합성일 뿐이므로,", "N1", ""),
        ("비선형 문제를 해결할 수 없다.", "N2", ""),
    ),
    *_list(
        1,
        "text",
        (
            "시그모이드 함수는 가장 전통적인 활성화 함수 중 하나로, 다음과 같이 정의된다",
            "",
            "history",
        ),
    ),
    *_list(
        1,
        "features",
        ("출력 범위: 0과 1 사이의 값을 출력한다", "S1", ""),
        ("미분 가능: 모든 구간에서 미분 가능하며, 도함수가 간단한 형태로 표현된다", "S2", ""),
        ("도함수:", "S2", ""),
        ("용도: 이진 분류 문제의 출력층에서 자주 사용된다", "S4", "habit"),
    ),
    *_list(
        1,
        "strengths",
        ("출력을 확률로 해석하기 좋다", "S4", ""),
        ("부드러운 곡선으로 안정적인 기울기를 제공한다", "S5", ""),
    ),
    *_list(
        1,
        "weaknesses",
        ("기울기 소멸 문제가 심각하다", "S6", ""),
        ("중심이 0이 아니어서 학습이 비효율적일 수 있다", "S7 T4", ""),
        ("지수 함수 계산이 비용이 크다", "S8", ""),
    ),
    *_list(
        1,
        "vanishing",
        (
            "기울기 소멸 문제란 깊은 신경망의 역전파 과정에서 기울기가 0에 가까워져 "
            "학습이 거의 이루어지지 않는 현상을 말한다.",
            "",
            "definition",
        ),
    ),
    *_list(
        1,
        "causes",
        ("시그모이드 함수의 도함수는 최대값이 0.25이며, 대부분의 구간에서 매우 작다", "S3", ""),
        (
            "깊은 신경망에서 각 층마다 작은 도함수를 곱하게 되므로, "
            "층이 깊어질수록 기울기가 기하급수적으로 작아진다 (예: )",
            "V1",
            "",
        ),
    ),
    *_list(
        1,
        "effects",
        ("초기 층의 학습 부재", "V2", ""),
        ("학습 속도 저하", "V3", ""),
        ("로컬 미니멈에 빠짐", "V4", ""),
    ),
    *_list(
        1,
        "remedies",
        ("깊은 신경망에서는 시그모이드 함수 대신 ReLU 계열의 활성화 함수를 사용한다", "V5", ""),
    ),
    *_list(
        2, "text", ("Tanh 함수는 시그모이드 함수를 변형한 것으로, 다음과 같이 정의된다", "T7", "")
    ),
    *_list(
        2,
        "features",
        ("출력 범위: -1과 1 사이의 값을 출력한다", "T1", ""),
        ("도함수:", "T2", ""),
        ("용도: 은닉층에서 시그모이드 대신 사용되기도 한다", "", "habit"),
    ),
    *_list(
        2,
        "strengths",
        ("출력이 0 중심이어서 시그모이드보다 학습이 효율적이다", "T3 T4", ""),
        ("시그모이드보다 기울기 소멸 문제가 덜 심각하다", "T5", ""),
    ),
    *_list(
        2,
        "weaknesses",
        ("여전히 기울기 소멸 문제가 있다", "T5", ""),
        ("지수 함수 계산이 필요하다", "T6", ""),
    ),
    *_list(
        3,
        "text",
        ("ReLU 함수는 현재 가장 널리 사용되는 활성화 함수로, 다음과 같이 정의된다", "R8", ""),
    ),
    *_list(
        3,
        "features",
        ("출력 범위: 0 이상의 값을 출력한다", "R1", ""),
        ("도함수:", "R2", ""),
        ("용도: 은닉층에서 주로 사용된다", "", "habit"),
    ),
    *_list(
        3,
        "strengths",
        ("계산이 매우 빠르다 (단순한 max 연산)", "R3", ""),
        ("기울기 소멸 문제가 거의 없다 (양수 영역에서 기울기가 1)", "R4", ""),
        ("희소성(sparsity)을 유도하여 효율적인 표현을 만든다", "R5", "efficient"),
    ),
    *_list(
        3,
        "weaknesses",
        ("Dying ReLU 문제: 음수 입력에서 기울기가 0이 되어 뉴런이 죽을 수 있다", "R6", ""),
        ("출력이 0 중심이 아니다", "R7", ""),
    ),
    *_list(
        4, "text", ("Leaky ReLU는 Dying ReLU 문제를 해결하기 위해 제안된 함수이다", "K2", "history")
    ),
    *_list(
        4,
        "features",
        ("음수 영역에서도 작은 기울기(보통 0.01)를 가진다", "K1", ""),
        ("Dying ReLU 문제를 완화한다", "K5", ""),
    ),
    *_list(
        4,
        "strengths",
        ("ReLU의 장점을 유지하면서 Dying ReLU 문제를 해결한다", "K6 K2", ""),
        ("계산이 빠르다", "K3", ""),
    ),
    *_list(4, "weaknesses", ("하이퍼파라미터(음수 영역의 기울기)를 조정해야 한다", "K4", "")),
    *_list(5, "text", ("ELU는 ReLU의 변형으로, 다음과 같이 정의된다", "", "definition")),
    *_list(
        5,
        "features",
        ("음수 영역에서 부드러운 곡선을 가진다", "E2", ""),
        ("출력이 0 중심에 가깝다", "E3", ""),
    ),
    *_list(
        5,
        "strengths",
        ("Dying ReLU 문제를 해결한다", "E4", ""),
        ("ReLU보다 일반적으로 더 나은 성능을 보인다", "E5", ""),
    ),
    *_list(5, "weaknesses", ("지수 함수 계산이 필요하여 ReLU보다 느리다", "E6", "")),
)

# Claims of ours that the document does not make: what follows from a definition that it gives.
ADDED: tuple[str, ...] = ("E1",)
