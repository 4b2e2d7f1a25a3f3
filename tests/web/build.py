"""`make web`: builds the widget with the node and the packages that the tests use too."""

from tests.web.chromium import node

if __name__ == "__main__":
    node("widget/build.mjs")
