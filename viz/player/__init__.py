"""Films of graphs: the forward and the backward pass, step by step, on a page that needs no network and no kernel."""

from viz.player.play import play
from viz.player.player import GraphPlayer, Player

__all__ = ["GraphPlayer", "Player", "play"]
