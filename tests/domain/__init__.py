"""What is true of a community, without a platform, a store or a clock."""
