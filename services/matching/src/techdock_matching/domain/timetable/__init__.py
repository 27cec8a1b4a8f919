"""Who meets when and where: the problem, its rules, the judge, costs and reasons."""
