"""Films of a graph's passes and of a convolution's windows, on a page that needs no network and no kernel."""

from viz.player.grid_player import GridPlayer
from viz.player.play import play
from viz.player.play_convolution import play_convolution, play_pooling
from viz.player.player import GraphPlayer, Player

__all__ = ["GraphPlayer", "GridPlayer", "Player", "play", "play_convolution", "play_pooling"]
