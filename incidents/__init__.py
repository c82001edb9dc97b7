"""What people do: record reports and claims, ask where and how many, follow investigations."""
