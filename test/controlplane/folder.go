package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// markerName is the file that says "this folder belongs to a test control plane and may be removed". The
// supervisor holds a lock on it while it lives, so a marker without a lock is a left-over.
const markerName = "controlplane.lock"

// stateName is the file through which others find a running control plane; it appears when all is ready.
const stateName = "controlplane.json"

const temporaryPrefix = "mesh-controlplane-"

// folder is the data folder of one control plane.
type folder struct {
	path string
	lock *os.File
}

func (f folder) file(parts ...string) string {
	return filepath.Join(append([]string{f.path}, parts...)...)
}

// openFolder takes `path`, or a new temporary folder when it is empty, for this process alone. A folder that
// holds anything else is refused: it will be removed at the end.
func openFolder(path string) (folder, error) {
	if path == "" {
		removeLeftovers(os.TempDir())
		created, err := os.MkdirTemp("", temporaryPrefix)
		if err != nil {
			return folder{}, err
		}
		path = created
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return folder{}, err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return folder{}, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return folder{}, err
	}
	marker := filepath.Join(path, markerName)
	if _, err := os.Stat(marker); err != nil && len(entries) > 0 {
		return folder{}, fmt.Errorf("the folder %s is not empty and no control plane has made it; give an empty one", path)
	}
	lock, err := os.OpenFile(marker, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return folder{}, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return folder{}, fmt.Errorf("a control plane is running in %s already", path)
	}
	opened := folder{path: path, lock: lock}
	for _, name := range []string{"certs", "logs"} {
		if err := os.MkdirAll(opened.file(name), 0o700); err != nil {
			return folder{}, err
		}
	}
	// The state of an earlier run says nothing about this one.
	_ = os.Remove(opened.file(stateName))
	return opened, nil
}

// removeLeftovers deletes temporary folders whose supervisor was killed before it could do so itself.
func removeLeftovers(parent string) {
	markers, _ := filepath.Glob(filepath.Join(parent, temporaryPrefix+"*", markerName))
	for _, marker := range markers {
		lock, err := os.OpenFile(marker, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(filepath.Dir(marker))
		}
		_ = lock.Close()
	}
}

// writeOnce keeps what an earlier run in the same folder has written: tokens and keys stay valid.
func writeOnce(file string, content func() ([]byte, error)) error {
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	data, err := content()
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}

// writeAtomically never lets a reader see half a file.
func writeAtomically(file string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	temporary := file + ".new"
	if err := os.WriteFile(temporary, append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, file)
}

func randomToken() (string, error) {
	data := make([]byte, 16)
	_, err := rand.Read(data)
	return hex.EncodeToString(data), err
}

// writeCertificates makes a certificate authority, the serving certificate of API server and kubelets, a
// client certificate for the administrator, and the key that signs ServiceAccount tokens. Elliptic curves,
// because RSA keys would take a good part of the start.
func writeCertificates(f folder) error {
	if _, err := os.Stat(f.file("certs", "ca.crt")); err == nil {
		return nil
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	authority := certificate("mesh-test-ca")
	authority.IsCA = true
	authority.BasicConstraintsValid = true
	authority.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature

	serving := certificate("kube-apiserver")
	serving.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	serving.DNSNames = []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}
	serving.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 96, 0, 1)}

	admin := certificate("mesh-test")
	admin.Subject.Organization = []string{"system:masters"}
	admin.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}

	// Parsed again, so that it carries the key id that the certificates below refer to.
	der, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return err
	}
	if authority, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	serviceAccountKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	err = errors.Join(
		writeSigned(f, "apiserver", serving, authority, authorityKey),
		writeSigned(f, "admin", admin, authority, authorityKey),
		writeKey(f.file("certs", "service-account.key"), serviceAccountKey),
	)
	if err != nil {
		return err
	}
	// The authority comes last: its presence says that all the others are there.
	return writePEM(f.file("certs", "ca.crt"), "CERTIFICATE", der)
}

func certificate(commonName string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: commonName},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
}

func writeSigned(f folder, name string, template, authority *x509.Certificate, authorityKey *ecdsa.PrivateKey) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, authority, key.Public(), authorityKey)
	if err != nil {
		return err
	}
	return errors.Join(
		writePEM(f.file("certs", name+".crt"), "CERTIFICATE", der),
		writeKey(f.file("certs", name+".key"), key),
	)
}

func writeKey(file string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(file, "EC PRIVATE KEY", der)
}

func writePEM(file, kind string, der []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
