"""What QGIS is asked in tests: run by the Python that Debian's python3-qgis belongs to, with the questions as JSON.

It prints one answer by question: what the Browser lists under the connection, and the features of a layer as the
provider gives them.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from qgis.core import (  # type: ignore[import-not-found]  # of Debian, not of this environment
    NULL,
    Qgis,
    QgsApplication,
    QgsFeatureRequest,
    QgsRectangle,
    QgsSettings,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt  # type: ignore[import-not-found]  # as above


def listed(address: str, user: str, password: str) -> dict[str, str]:
    """The layers of a connection, by their name in the Browser: the URI that QGIS makes for each."""
    settings = QgsSettings()
    settings.setValue("qgis/connections-wfs/atlas/url", address)
    settings.setValue("qgis/connections-wfs/atlas/version", "OGC_API_FEATURES")
    settings.setValue("qgis/WFS/atlas/username", user)
    settings.setValue("qgis/WFS/atlas/password", password)
    kinds = QgsApplication.dataItemProviderRegistry().providers()
    connection = next(kind for kind in kinds if kind.name() == "WFS").createDataItem("wfs:/atlas", None)
    return {item.name(): item.uri() for item in connection.createChildren() if hasattr(item, "uri")}


def read(uri: str, box: list[float] | None, subset: str) -> dict[str, Any]:
    """The features of a layer, in ``box`` where one is given, that meet the expression ``subset``."""
    layer = QgsVectorLayer(uri, "layer", "OAPIF")
    valid = layer.isValid() and layer.setSubsetString(subset)
    request = QgsFeatureRequest() if box is None else QgsFeatureRequest(QgsRectangle(*box))
    features = [record(feature) for feature in layer.getFeatures(request)]
    return {"valid": valid, "crs": layer.crs().authid(), "count": layer.featureCount(), "features": features}


def record(feature: Any) -> dict[str, Any]:
    """A feature as plain values."""
    shape = feature.geometry()
    values = {name: plain(value) for name, value in feature.attributeMap().items()}
    return {"values": values, "geometry": None if shape.isNull() else json.loads(shape.asJson(12))}


def plain(value: Any) -> Any:
    """A value as JSON has it; a moment in UTC, as RFC 3339 writes it."""
    if isinstance(value, QDateTime):
        return value.toUTC().toString(Qt.ISODate)
    if isinstance(value, QDate):
        return value.toString(Qt.ISODate)
    return None if value == NULL else value


def main() -> None:
    """Answer the questions of the first argument."""
    questions = json.loads(sys.argv[1])
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    layers = listed(questions["address"], questions["user"], questions["password"])
    answers = [
        read(layers[one["layer"]] + " pageSize='100'", one.get("box"), one.get("subset", ""))
        for one in questions["asked"]
    ]
    answer = {"version": Qgis.QGIS_VERSION, "layers": sorted(layers), "answers": answers}
    print(json.dumps(answer))  # noqa: T201 - it is what the test reads


main()
