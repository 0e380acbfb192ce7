"""How a registration comes to its credentials: step by step, each one stored before the next is taken.

The API begins an onboarding and takes codes in (`asking`); the worker takes the steps (`running`, `ending`),
waits until documents under an old credential are at their end (`draining`), and tells when one will end
(`expiring`).
"""
