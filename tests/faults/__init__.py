"""What happens when the machine, the disk, the settings or the operator do what nobody hoped for."""
