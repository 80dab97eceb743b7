"""Who stands with whom: signed ties, camps with proof, landscapes, cohesion, polarization."""

from detente.blocs.camps import OptimalPartitions, Partition, partition
from detente.blocs.graph import read_edges

__all__ = ["OptimalPartitions", "Partition", "partition", "read_edges"]
