"""Panels: a question to Prometheus over time, in one unit."""

from collections.abc import Mapping

from grafana_foundation_sdk.builders import prometheus, timeseries
from grafana_foundation_sdk.builders.common import VizLegendOptions
from grafana_foundation_sdk.models.common import LegendDisplayMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import DataSourceRef

SOURCE = DataSourceRef(type_val="prometheus", uid="${source}")
WIDTH, HEIGHT = 8, 8  # of 24 columns: three beside each other


def panel(title: str, description: str, unit: str, questions: Mapping[str, str]) -> timeseries.Panel:
    """Return lines over time; `questions` maps each line's legend to its expression in PromQL.

    `description` says what is well and where to go on; `unit` is Grafana's word for it.
    """
    legend = VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM).show_legend(True)
    made = timeseries.Panel().title(title).description(description).unit(unit).datasource(SOURCE)
    made = made.span(WIDTH).height(HEIGHT).min(0).fill_opacity(10).legend(legend)
    for letter, (named, expression) in zip("ABCDEFGH", questions.items(), strict=False):
        made = made.with_target(prometheus.Dataquery().expr(expression).legend_format(named).ref_id(letter).range())
    return made
