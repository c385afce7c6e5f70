"""Recipes that train Saccade's integer spiking networks: data, neurons, quantisation, export, parity."""
