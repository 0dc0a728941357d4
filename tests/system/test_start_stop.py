def test_x(gateway):
    assert gateway.get("/api/v1/circuit").status == 200
    assert gateway.value("red") == 0
