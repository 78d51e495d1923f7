"""What a kernel adds to the error of its exponential, up to its last rounding.

A kernel computes a quotient or a product of sums of two numbers. Gappa bounds how far the result
is, before the last rounding, from the same quotient or product in exact arithmetic. All of these
formulas are homogeneous: a power of two on their numbers is one on all that is rounded. So the
leading number is taken between 1 and 2, or where q has it, and what stands beside it becomes a
real number in an interval. (Where a product with a kernel's `unit` underflows, it does so beside a
1.)

A low part is supposed to be at most LOW, beside such a number; budgets.py sees that it is. (In
sigmoid's denominator it is what the sum lost, half a unit, and the lesser of 1 and 2^n where that
did not enter the sum, half a unit of the larger. In the bell it is half a unit.)
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from prove.arithmetic import Terms
from prove.formulas import Steps, bell, by_expm1, logistic, product
from prove.gappa import Interval, bounds, script

# The largest low part, relative to its high part.
LOW = Fraction(1, 2**51)


def between(lower: float, upper: float) -> Interval:
    return Fraction(lower), Fraction(upper)


def around(size: Fraction) -> Interval:
    return -size, size


def ask(
    name: str, o: Terms, more: Sequence[str], given: dict[str, Interval | str], hints: Sequence[str]
) -> Fraction:
    text = script([*o.definitions, *more], given, ["off"], hints)
    return bounds(name if o.fused else f"{name}_v2", text, ["off"])[0]


def of_logistic(fused: bool) -> Fraction:
    """Sigmoid: |result D - 1|, D = total + low the denominator."""
    o = Terms(fused)
    total, low = o.variable("total"), o.exactly("rnd(low)")
    s = logistic(o, total, low)
    q, left, error, result = (x.name for x in (s.quotient, s.left, s.error, s.result))
    more = ["D = total + low;", f"w = 1 - {q} * D;", f"off = {result} * D - 1;"]
    hints = [
        f"{result} * D - 1 -> ({error} - w) - w * {error} + (product - {q} * {error}) * D",
        f"{error} - w -> ({error} - ({left} - {low.name} * {q})) "
        f"+ ({left} - (1 - total * {q})) + {q} * (low - {low.name})",
        f"1 - {q} * D -> (1 / total - {q}) * total - {q} * low {{ total <> 0 }}",
        f"1 - total * {q} -> (1 / total - {q}) * total {{ total <> 0 }}",
    ]
    return ask("sigmoid", o, more, {"total": between(1, 2), "low": around(2 * LOW)}, hints)


def newton(s: Steps) -> list[str]:
    """Hints for a corrected quotient, whose exact one is X / B, X = high + low as defined."""
    steps = (s.high, s.low, s.divisor, s.divisor_low, s.inverse, s.quotient, s.left, s.part, s.rest)
    h, low, a, b, i, q, left, part, rest = (step.name for step in steps)
    return [
        f"{s.result.name} - X / B -> (X / B - {q}) * ({i} * B - 1) "
        f"+ {i} * ({rest} - (X - {q} * B)) + (product - {rest} * {i}) {{ B <> 0 }}",
        f"X / B - {q} -> ({low} * {a} - {h} * {b}) / (B * {a}) + {h} * (1 / {a} - {i}) "
        f"+ ({h} * {i} - {q}) {{ B <> 0, {a} <> 0 }}",
        f"{i} * B - 1 -> ({i} - 1 / {a}) * B + {b} / {a} {{ {a} <> 0 }}",
        f"{rest} - (X - {q} * B) -> ({rest} - ({left} + {part})) + ({left} - ({h} - {q} * {a})) "
        f"+ ({part} - ({low} - {q} * {b}))",
        f"{h} - {q} * {a} -> {h} * {a} * (1 / {a} - {i}) + ({h} * {i} - {q}) * {a} {{ {a} <> 0 }}",
    ]


def of_bell(fused: bool) -> Fraction:
    """The derivative of sigmoid and tanh: |result - X / (1 + X u)^2| for X = t + t_low."""
    o = Terms(fused)
    t, t_low = o.variable("t"), o.variable("t_low")
    u = o.exactly("u_")
    s = bell(o, t, t_low, u)
    a, b, total, lost = s.divisor.name, s.divisor_low.name, s.total.name, s.total_lost.name
    more = [
        "X = t + t_low;",
        "D = 1 + X * u_;",
        f"B = {a} + {b};",
        f"low = t_low * u_ + {lost};",
        f"off = {s.result.name} - X / (D * D);",
    ]
    hints = [
        f"{s.result.name} - X / (D * D) -> ({s.result.name} - X / B) + (X / B - X / (D * D))",
        "X / B - X / (D * D) -> X * (D * D - B) / (B * (D * D)) { B <> 0, D <> 0 }",
        f"D * D - B -> low * low - 2 * {total} * ({s.total_low.name} - low) "
        f"+ (({s.twice.name} * {s.total_low.name} + {s.square_lost.name}) - {b})",
        *newton(s),
    ]
    given = {
        "t": between(0.7, 1.4375),
        "t_low": around(LOW / 2),
        "u_": between(0, 1),
        "t * u_": between(0, 1),
    }
    return ask("bell", o, more, given, hints)


def of_tanh(fused: bool, large: bool) -> Fraction:
    """tanh: |result - X / (X u + v)|, X = e_high + low; u = 1 if that is large, otherwise v = 2."""
    o = Terms(fused)
    high, low = o.variable("e_high"), o.exactly("rnd(low)")
    v, u = (o.exactly("v_"), 1) if large else (2, o.exactly("u_"))
    s = by_expm1(o, high, low, v, u)
    a, b, lost = s.divisor.name, s.divisor_low.name, s.lost.name
    v_name, u_name = o.named(v), o.named(u)
    more = [
        f"X = e_high + {low.name};",
        "Y = e_high + low;",
        f"D = Y * {u_name} + {v_name};",
        f"B = {a} + {b};",
        f"off = {s.result.name} - Y / D;",
    ]
    hints = [
        f"{s.result.name} - Y / D -> ({s.result.name} - X / B) + (X - Y) / B "
        "+ Y * (D - B) / (B * D) { B <> 0, D <> 0 }",
        f"X - Y -> {low.name} - low",
        f"D - B -> -({b} - ({low.name} * {u_name} + {lost})) - ({low.name} - low) * {u_name}",
        *newton(s),
    ]
    given = {"e_high": between(1, 2), "low": around(LOW)}
    given |= {"v_": between(0, 1)} if large else {"u_": between(0, 2), "e_high * u_": between(0, 2)}
    return ask(f"tanh_{'large' if large else 'small'}", o, more, given, hints)


def of_product(fused: bool) -> Fraction:
    """ELU and its derivative: |result - alpha (high + low)|."""
    o = Terms(fused)
    alpha, high, low = o.variable("alpha"), o.variable("high"), o.exactly("rnd(low)")
    s = product(o, alpha, high, low)
    more = [f"off = {s.result.name} - alpha * (high + low);"]
    hints = [
        f"{s.result.name} - alpha * (high + low) -> "
        f"({s.result.name} - (alpha * high + {s.rest.name})) "
        f"+ ({s.rest.name} - alpha * {low.name}) + alpha * ({low.name} - low)"
    ]
    if not fused:
        hints.append(
            f"{s.result.name} - (alpha * high + {s.rest.name}) -> "
            f"{s.lost.name} - (-({s.rounded.name} - alpha * high) + {s.rest.name})"
        )
    given = {"alpha": between(1, 2), "high": between(1, 2), "low": around(LOW)}
    return ask("product", o, more, given, hints)
