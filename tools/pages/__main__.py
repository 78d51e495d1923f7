"""Build the site: both languages side by side, then every internal link is followed.

    PYTHONPATH=tools python -m pages [--only ko] [--no-run]

The pages lie in build/docs/html. Nothing is fetched.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from pages.assemble import LANGUAGES, ROOT, assemble
from pages.links import broken

BUILD = ROOT / "build" / "docs"
SITE = BUILD / "html"
HERE = Path(__file__).parent
# Cells that train are small: threads would wait for one another longer than they compute.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NONLIN_NUM_THREADS")

START = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>nonlin</title>
<meta name="viewport" content="width=device-width">
<script>
location.replace((navigator.language.startsWith("ko") ? "ko" : "en") + "/index.html")
</script>
<p><a href="en/index.html">English</a> · <a href="ko/index.html" lang="ko">한국어</a></p>
</html>
"""


def build(
    lang: str, run: bool, home: Path = BUILD, only: Collection[str] | None = None
) -> "subprocess.Popen[bytes]":
    """Start Sphinx on the pages of a language, or on some of them, whose links may lead nowhere."""
    folder = home / "source" / lang
    assemble(lang, folder)
    if only is not None:
        for path in [*folder.rglob("*.md"), *folder.rglob("*.rst")]:
            if str(path.relative_to(folder).with_suffix("")) not in only:
                path.unlink()
    environment = os.environ | dict.fromkeys(THREADS, "1")
    environment |= {
        "NONLIN_DOCS_LANGUAGE": lang,
        "NONLIN_DOCS_RUN": "cache" if run else "off",
        "NONLIN_STATIC": "1",
        # Cells run in kernels of their own, which find the package and these tools here.
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE.parent)]),
    }
    strict = ["-W", "--keep-going", "-n", "-q"] if only is None else ["-Q"]
    places = ["-c", HERE, "-d", home / "trees" / lang, folder, home / "html" / lang]
    command = [sys.executable, "-m", "sphinx", "-b", "html", *strict, *map(str, places)]
    return subprocess.Popen(command, env=environment)


def main() -> int:
    """Build, and follow every internal link; 1 if a page or a link is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=LANGUAGES, action="append")
    parser.add_argument("--no-run", action="store_true", help="leave the cells' outputs out")
    arguments = parser.parse_args()
    SITE.mkdir(parents=True, exist_ok=True)
    (SITE / "index.html").write_text(START, encoding="utf-8")
    running = [build(lang, not arguments.no_run) for lang in arguments.only or LANGUAGES]
    codes = [each.wait() for each in running]
    if any(codes):
        return 1
    found = [] if arguments.only else list(broken(SITE))
    print("\n".join(found) or f"{SITE / 'index.html'}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
