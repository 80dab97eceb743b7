"""Who stands with whom: signed ties, camps with proof, landscapes, cohesion, polarization."""

from detente.blocs.basins import Landscape, landscape
from detente.blocs.camps import OptimalPartitions, Partition, best_partition, partition
from detente.blocs.draws import camp_shares, membership, partitions_over
from detente.blocs.groups import (
    bimodality,
    cohesion,
    esteban_ray,
    polarization,
    signed_modularity,
)
from detente.blocs.rule import tie_rule
from detente.blocs.tie_draws import draw_rule, rule_at, weight_quantile
from detente.blocs.tie_net import TieNet
from detente.blocs.ties import signed_ties, tie_parts

__all__ = [
    "Landscape",
    "OptimalPartitions",
    "Partition",
    "TieNet",
    "best_partition",
    "bimodality",
    "camp_shares",
    "cohesion",
    "draw_rule",
    "esteban_ray",
    "landscape",
    "membership",
    "partition",
    "partitions_over",
    "polarization",
    "rule_at",
    "signed_modularity",
    "signed_ties",
    "tie_parts",
    "tie_rule",
    "weight_quantile",
]
