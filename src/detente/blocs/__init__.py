"""Who stands with whom: signed ties, camps with proof, landscapes, cohesion, polarization."""

from detente.blocs.graph import read_edges
from detente.blocs.partition import OptimalPartitions, Partition, partition

__all__ = ["OptimalPartitions", "Partition", "partition", "read_edges"]
