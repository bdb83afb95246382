"""The expectations: what can be asked of data, each one registered function.

Names and arguments are those of Great Expectations. Adding one is adding one function to a module of this
package: how its arguments are checked, how it is planned with others, how failing rows are found and what the
catalogue says all follow from its signature and docstring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlci.registry import Registry

if TYPE_CHECKING:
    from mlci.expectations.families import Expectation

EXPECTATIONS: Registry[Expectation] = Registry("expectation", "mlci.expectations")
"""Every expectation by its name."""
