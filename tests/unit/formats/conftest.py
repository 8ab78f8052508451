import msgspec
import pytest

from psolink.definitions import Definitions, load_definitions
from psolink.formats.xml_codec import XmlCodec


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    return load_definitions()


@pytest.fixture(scope="session")
def codec(definitions: Definitions) -> XmlCodec:
    return XmlCodec(definitions)


@pytest.fixture(scope="session")
def exact():
    """Text that is equal only where values are, to the digit and the kind of number."""
    return msgspec.json.Encoder(decimal_format="number", order="sorted").encode
